#include "plan/units.h"

#include <algorithm>

namespace galago {
namespace {

bool is_relu(const Node* node) { return node && node->op == Op::activation && node->activation == Activation::relu; }

bool is_2x2_pool(const Node* node) {
  if (!node || node->op != Op::max_pool) return false;
  const Window& w = node->window;
  return w.rows == 2 && w.cols == 2 && w.stride_rows == 2 && w.stride_cols == 2 &&
         w.top + w.bottom + w.left + w.right == 0;
}

UnitKind kind_of(const Node& node) {
  switch (node.op) {
    case Op::input: return UnitKind::input;
    case Op::conv: return UnitKind::conv;
    case Op::dense: return UnitKind::dense;
    case Op::max_pool: return UnitKind::max_pool;
    case Op::average_pool: return UnitKind::average_pool;
    case Op::activation: return node.activation == Activation::softmax ? UnitKind::softmax : UnitKind::activation;
    case Op::flatten: return UnitKind::flatten;
  }
  return UnitKind::input;
}

std::vector<Unit> fuse(const Graph& graph) {
  std::vector<Unit> units;
  for (size_t i = 0; i < graph.nodes.size();) {
    const Node& node = graph.nodes[i];
    const auto next = [&](size_t k) { return i + k < graph.nodes.size() ? &graph.nodes[i + k] : nullptr; };
    Unit unit;
    unit.kind = kind_of(node);
    unit.name = node.name;
    unit.in = i ? graph.nodes[i - 1].shape : node.shape;
    unit.out = node.shape;
    unit.window = node.window;
    unit.groups = node.groups;
    unit.activation = node.activation;
    unit.alpha = node.alpha;
    if (!node.parameters.empty()) unit.kernel = node.parameters[0];
    if (node.parameters.size() > 1) unit.bias = node.parameters[1];
    size_t taken = 1;
    if ((unit.kind == UnitKind::conv || unit.kind == UnitKind::dense) && is_relu(next(1))) {
      unit.relu = true;
      taken = 2;
      if (unit.kind == UnitKind::conv && unit.groups == 1 && is_2x2_pool(next(2))) {
        unit.kind = UnitKind::conv_pool;
        unit.conv_out = node.shape;
        unit.out = next(2)->shape;
        unit.name += "+" + next(2)->name;
        taken = 3;
      }
    }
    units.push_back(unit);
    i += taken;
  }
  return units;
}

// How far into its input a window reaches that is placed `outputs` times; at least one row, even if
// all lie in the padding.
int64_t reach(int64_t outputs, int64_t stride, int64_t span, int64_t before, int64_t size) {
  return std::clamp<int64_t>((outputs - 1) * stride + span - before, 1, size);
}

void demand(std::vector<Unit>& units) {
  for (size_t i = units.size(); i-- > 0;) {
    Unit& u = units[i];
    if (i + 1 < units.size()) {
      u.out.rows = units[i + 1].in.rows;
      u.out.cols = units[i + 1].in.cols;
    }
    Shape through = u.out;
    switch (u.kind) {
      case UnitKind::input: u.in = u.out; continue;
      case UnitKind::dense:
      case UnitKind::flatten: continue;
      case UnitKind::activation:
      case UnitKind::softmax:
        u.in.rows = u.out.rows;
        u.in.cols = u.out.cols;
        continue;
      case UnitKind::conv_pool:
        u.conv_out.rows = 2 * u.out.rows;
        u.conv_out.cols = 2 * u.out.cols;
        through = u.conv_out;
        break;
      case UnitKind::conv:
      case UnitKind::max_pool:
      case UnitKind::average_pool: break;
    }
    u.in.rows = reach(through.rows, u.window.stride_rows, u.window.span_rows(), u.window.top, u.in.rows);
    u.in.cols = reach(through.cols, u.window.stride_cols, u.window.span_cols(), u.window.left, u.in.cols);
  }
}

void choose(std::vector<Unit>& units) {
  for (Unit& u : units) {
    if (u.kind != UnitKind::conv_pool) continue;
    const Window& w = u.window;
    u.thin = u.in.channels < kBlock;
    u.winograd = !u.thin && w.rows == 3 && w.cols == 3 && w.stride_rows == 1 && w.stride_cols == 1 &&
                 w.dilation_rows == 1 && w.dilation_cols == 1;
  }
}

}  // namespace

std::vector<Unit> make_units(const Graph& graph) {
  check(graph);
  std::vector<Unit> units = fuse(graph);
  demand(units);
  choose(units);
  return units;
}

}  // namespace galago
