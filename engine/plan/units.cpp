#include "plan/units.h"

#include <algorithm>
#include <initializer_list>

namespace galago {
namespace {

bool is_2x2_pool(const Node& node) {
  const Window& w = node.window;
  return node.op == Op::max_pool && w.rows == 2 && w.cols == 2 && w.stride_rows == 2 && w.stride_cols == 2 &&
         w.top + w.bottom + w.left + w.right == 0;
}
bool is_relu(const Node& node) { return node.op == Op::activation && node.activation == Activation::relu; }

UnitKind kind_of(const Node& node, const Shape& in, Mode mode) {
  switch (node.op) {
    case Op::input: return UnitKind::input;
    case Op::conv:
      return node.groups > 1 && node.groups == in.channels && node.shape.channels == in.channels ? UnitKind::depthwise
                                                                                                 : UnitKind::conv;
    case Op::dense: return UnitKind::dense;
    case Op::max_pool: return UnitKind::max_pool;
    case Op::average_pool: return UnitKind::average_pool;
    case Op::activation: return node.activation == Activation::softmax ? UnitKind::softmax : UnitKind::activation;
    case Op::flatten: return UnitKind::flatten;
    case Op::pad: return UnitKind::pad;
    case Op::batch_norm: return UnitKind::batch_norm;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::maximum:
    case Op::minimum: return UnitKind::merge;
    case Op::concatenate: return UnitKind::concatenate;
    case Op::dropout: return UnitKind::dropout;
    case Op::reshape: return UnitKind::reshape;
    case Op::permute: return UnitKind::permute;
    case Op::crop: return UnitKind::crop;
    case Op::upsample: return UnitKind::upsample;
    case Op::dilate: return UnitKind::dilate;
    case Op::gaussian_noise: return UnitKind::gaussian_noise;
    case Op::layer_norm: return UnitKind::layer_norm;
    case Op::resize: return UnitKind::resize;
    case Op::host: return UnitKind::host;
    case Op::random_warp: return UnitKind::warp;
    case Op::random_crop: return mode == Mode::train ? UnitKind::warp : UnitKind::resize;
    case Op::random_tone: return UnitKind::tone;
    case Op::activity: break;  // it is part of the loss
  }
  return UnitKind::input;
}

// Makes a unit of each node or chain of nodes.
class Fusion {
 public:
  Fusion(const Graph& graph, Mode mode)
      : graph_(graph), mode_(mode), unit_of_(graph.nodes.size(), -1), uses_(graph.nodes.size(), 0) {
    for (const Node& node : graph.nodes) {
      for (int i : node.inputs) uses_[static_cast<size_t>(i)]++;
    }
    for (int i : graph.outputs) uses_[static_cast<size_t>(i)]++;
  }

  Units run() {
    for (size_t i = 0; i < graph_.nodes.size(); i++)
      if (unit_of_[i] < 0) take(static_cast<int>(i));
    Units units{std::move(units_), {}};
    for (int i : graph_.outputs) units.outputs.push_back(unit_of_[static_cast<size_t>(i)]);
    for (size_t i = 0; mode_ != Mode::predict && i < graph_.nodes.size(); i++)
      if (graph_.nodes[i].op == Op::activity) units.outputs.push_back(unit_of_[i]);
    return units;
  }

 private:
  void take(int first) {
    const Node& node = graph_.nodes[first];
    if (does_nothing(node)) {
      unit_of_[first] = unit_of_[node.inputs[0]];
      return;
    }
    units_.push_back(start(node));
    Unit& unit = units_.back();
    if (node.op == Op::input) unit.source = inputs_++;
    last_ = first;
    unit_of_[first] = static_cast<int>(units_.size()) - 1;
    const bool convolves = unit.kind == UnitKind::conv || unit.kind == UnitKind::depthwise;
    if (convolves && mode_ != Mode::train)
      if (const Node* next = follower(last_); next && next->op == Op::batch_norm) {
        set_normalization(unit, *next);
        unit.normalized = true;
        unit.out = next->shape;
        join();
      }
    const bool takes_relu =
        convolves || unit.kind == UnitKind::dense || unit.kind == UnitKind::batch_norm || unit.kind == UnitKind::merge;
    if (const Node* next = follower(last_); takes_relu && next && is_relu(*next)) {
      unit.relu = true;
      join();
      const Node* pool = follower(last_);
      if (pool && unit.kind == UnitKind::conv && unit.groups == 1 && !unit.normalized && is_2x2_pool(*pool) &&
          all_uses_end_in_pools(node)) {
        unit.kind = UnitKind::conv_pool;
        unit.conv_out = unit.out;
        unit.out = pool->shape;
        unit.name += "+" + pool->name;
        join();
      }
    }
  }

  // What draws, outside of training, penalties, and what gives its input other axes of the same sizes.
  bool does_nothing(const Node& node) const {
    if (node.op == Op::activity) return true;
    if (node.op == Op::dropout || node.op == Op::gaussian_noise || node.op == Op::random_warp ||
        node.op == Op::random_tone)
      return mode_ != Mode::train;
    if (node.op != Op::reshape) return false;
    const Shape &in = graph_.nodes[node.inputs[0]].shape, &out = node.shape;
    return in.rows == out.rows && in.cols == out.cols && in.channels == out.channels;
  }

  Unit start(const Node& node) const {
    Unit unit;
    unit.in = node.inputs.empty() ? node.shape : graph_.nodes[node.inputs[0]].shape;
    unit.kind = kind_of(node, unit.in, mode_);
    unit.name = node.name;
    unit.out = node.shape;
    unit.window = node.window;
    unit.groups = node.groups;
    unit.transposed = node.transposed;
    unit.activation = node.activation;
    unit.alpha = node.alpha;
    unit.activation_beta = node.beta;
    unit.limit = node.limit;
    unit.merge = merge_of(node.op);
    unit.order = node.order;
    unit.rate = node.rate;
    unit.seed = node.seed;
    unit.spatial = node.spatial;
    unit.resizing = node.resizing;
    unit.warping = node.warping;
    unit.toning = node.toning;
    unit.whole_cols = node.shape.cols;
    for (int i : node.inputs) unit.inputs.push_back(unit_of_[i]);
    if (node.op == Op::batch_norm) {
      set_normalization(unit, node);
      unit.normalization.inference = unit.normalization.inference || mode_ != Mode::train;
      return unit;
    }
    if (node.op == Op::layer_norm) {
      unit.normalization = node.normalization;
      if (node.normalization.scale) unit.kernel = node.parameters.front();
      if (node.normalization.center) unit.bias = node.parameters.back();
      return unit;
    }
    if (node.op == Op::host) {
      unit.node = place(node);
      unit.weights = node.parameters;
      return unit;
    }
    if (!node.parameters.empty()) unit.kernel = node.parameters[0];
    if (node.parameters.size() > 1) unit.bias = node.parameters[1];
    return unit;
  }

  static void set_normalization(Unit& unit, const Node& node) {
    unit.normalization = node.normalization;
    auto next = node.parameters.begin();
    if (node.normalization.scale) unit.gamma = *next++;
    if (node.normalization.center) unit.beta = *next++;
    unit.mean = *next++;
    unit.variance = *next;
  }

  // The node that alone reads another one.
  const Node* follower(int of) const {
    if (uses_[static_cast<size_t>(of)] != 1) return nullptr;
    for (const Node& node : graph_.nodes)
      if (std::find(node.inputs.begin(), node.inputs.end(), of) != node.inputs.end())
        return node.inputs.size() == 1 ? &node : nullptr;
    return nullptr;
  }
  int place(const Node& node) const { return static_cast<int>(&node - graph_.nodes.data()); }

  // A layer that is called again is one unit in all places, whose weights lie in one layout.
  bool all_uses_end_in_pools(const Node& conv) const {
    const auto original = [this](const Node& node) {
      const int kernel = node.parameters[0], of = graph_.parameters[static_cast<size_t>(kernel)].original;
      return of < 0 ? kernel : of;
    };
    return std::all_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& node) {
      if (node.op != Op::conv || original(node) != original(conv)) return true;
      const Node* relu = follower(place(node));
      const Node* pool = relu && is_relu(*relu) ? follower(place(*relu)) : nullptr;
      return pool && is_2x2_pool(*pool);
    });
  }

  void join() {
    last_ = place(*follower(last_));
    unit_of_[static_cast<size_t>(last_)] = static_cast<int>(units_.size()) - 1;
  }

  const Graph& graph_;
  const Mode mode_;
  std::vector<int> unit_of_, uses_;
  std::vector<Unit> units_;
  int last_ = 0, inputs_ = 0;
};

// Zeros around a map that only convolutions read are part of their own padding.
void absorb_padding(std::vector<Unit>& units, std::vector<int>& outputs) {
  const std::vector<std::vector<int>> consumers = consumers_of(units);
  std::vector<int> place(units.size());
  std::vector<Unit> left;
  for (size_t i = 0; i < units.size(); i++) {
    Unit& u = units[i];
    const auto& readers = consumers[i];
    const bool absorbed = u.kind == UnitKind::pad &&
                          std::count(outputs.begin(), outputs.end(), static_cast<int>(i)) == 0 &&
                          std::all_of(readers.begin(), readers.end(), [&](int r) {
                            const UnitKind kind = units[r].kind;
                            return kind == UnitKind::conv || kind == UnitKind::conv_pool || kind == UnitKind::depthwise;
                          });
    if (absorbed) {
      for (int r : readers) {
        Window& w = units[r].window;
        w.top += u.window.top, w.bottom += u.window.bottom;
        w.left += u.window.left, w.right += u.window.right;
        units[r].in = u.in;
      }
      place[i] = place[u.inputs[0]];
      continue;
    }
    for (int& input : u.inputs) input = place[input];
    place[i] = static_cast<int>(left.size());
    left.push_back(std::move(u));
  }
  for (int& output : outputs) output = place[static_cast<size_t>(output)];
  units = std::move(left);
}

// How far into its input a window reaches that is placed `outputs` times; at least one row, even if
// all lie in the padding.
int64_t reach(int64_t outputs, int64_t stride, int64_t span, int64_t before, int64_t size) {
  return std::clamp<int64_t>((outputs - 1) * stride + span - before, 1, size);
}

// Element by element: its inputs, unless they have one position, and its output have the same rows and columns.
bool elementwise(UnitKind kind) {
  switch (kind) {
    case UnitKind::activation:
    case UnitKind::softmax:
    case UnitKind::batch_norm:
    case UnitKind::merge:
    case UnitKind::concatenate:
    case UnitKind::dropout:
    case UnitKind::gaussian_noise:
    case UnitKind::layer_norm: return true;
    default: return false;
  }
}

// What is where depends on the whole map.
bool moves_all(UnitKind kind) {
  return kind == UnitKind::reshape || kind == UnitKind::permute || kind == UnitKind::upsample ||
         kind == UnitKind::dilate || kind == UnitKind::resize || kind == UnitKind::warp || kind == UnitKind::tone ||
         kind == UnitKind::host;
}

// Rows and columns that a unit needs of its inputs.
Shape needed(const Unit& u) {
  Shape need = u.in;
  if (u.kind == UnitKind::dense || u.kind == UnitKind::flatten || moves_all(u.kind)) return need;
  if (u.kind == UnitKind::input || elementwise(u.kind)) {
    need.rows = u.out.rows;
    need.cols = u.out.cols;
    return need;
  }
  const Window& w = u.window;
  if (u.kind == UnitKind::crop) {
    need.rows = w.top + u.out.rows;
    need.cols = w.left + u.out.cols;
    return need;
  }
  const Shape& through = u.kind == UnitKind::conv_pool ? u.conv_out : u.out;
  need.rows = reach(through.rows, w.stride_rows, w.span_rows(), w.top, u.in.rows);
  need.cols = reach(through.cols, w.stride_cols, w.span_cols(), w.left, u.in.cols);
  return need;
}

// Makes a shape at least as large as another; says whether it grew.
bool grow(Shape& shape, const Shape& other) {
  const bool grows = shape.rows < other.rows || shape.cols < other.cols;
  shape.rows = std::max(shape.rows, other.rows);
  shape.cols = std::max(shape.cols, other.cols);
  return grows;
}

// From the last unit to the first: what all readers together need of each.
void trim(std::vector<Unit>& units, const std::vector<Shape>& least, const std::vector<Shape>& whole) {
  std::vector<Shape> wanted = least;
  for (size_t i = units.size(); i-- > 0;) {
    Unit& u = units[i];
    u.out.rows = wanted[i].rows;
    u.out.cols = wanted[i].cols;
    if (u.kind == UnitKind::conv_pool) {
      u.conv_out.rows = 2 * u.out.rows;
      u.conv_out.cols = 2 * u.out.cols;
    }
    for (int input : u.inputs) {  // of a map of one position there is no more
      Shape need = needed(u);
      need.rows = std::min(need.rows, whole[input].rows);
      need.cols = std::min(need.cols, whole[input].cols);
      grow(wanted[input], need);
    }
  }
}

void demand(std::vector<Unit>& units, const std::vector<int>& outputs) {
  std::vector<Shape> least(units.size()), whole;
  for (const Unit& u : units) whole.push_back(u.out);
  for (int output : outputs) least[static_cast<size_t>(output)] = whole[static_cast<size_t>(output)];
  for (size_t i = 0; i < units.size(); i++)
    if (units[i].learns_statistics() || moves_all(units[i].kind)) least[i] = whole[i];  // it is of all positions
  for (const Unit& u : units)
    if (u.kind == UnitKind::host)
      for (int input : u.inputs) least[static_cast<size_t>(input)] = whole[static_cast<size_t>(input)];
  // Where one reader needs more of a map than an elementwise one does, that has to follow; sizes only grow.
  for (bool settled = false; !settled;) {
    trim(units, least, whole);
    settled = true;
    for (size_t i = 0; i < units.size(); i++)
      if (elementwise(units[i].kind))
        for (int input : units[i].inputs) {
          grow(least[i], units[i].out);
          if (grow(least[i], units[input].out)) settled = false;
        }
  }
  for (Unit& u : units) {
    const Shape& in = u.inputs.empty() ? u.out : units[u.inputs[0]].out;
    u.in.rows = in.rows;
    u.in.cols = in.cols;
  }
}

// Whether Winograd's algorithm can run a convolution and fill the lanes it has.
bool suits_winograd(const Unit& u) {
  const Window& w = u.window;
  return u.groups == 1 && w.rows == w.cols && (w.rows == 3 || w.rows == 5) && w.stride_rows == 1 &&
         w.stride_cols == 1 && w.dilation_rows == 1 && w.dilation_cols == 1 && u.in.channels >= kBlock &&
         u.out.channels >= kBlock;
}

// The tile that takes the fewest products for `out`, which a unit's convolution makes or the gradient of its input is;
// 0 where direct sums do.
int64_t choose_tile(const Unit& u, const Shape& out, bool pooled) {
  constexpr int64_t reading = 2;  // tiles: what reading the weights costs, which is done again for every few images
  const int64_t taps = u.window.rows;
  int64_t best = 0, least = (out.rows * out.cols + reading) * taps * taps;
  for (const int64_t size : {2, 4, 5}) {
    if (taps == 5 && size > 2) break;  // of more points than errors allow
    const int64_t tiles = divide_up(out.rows, size) * divide_up(out.cols, size), points = winograd_points(size, taps);
    const int64_t products = (tiles + reading) * points;
    // A pool's windows lie across tiles of an odd size, so a whole image has to be in flight.
    const bool fits =
        !pooled || size % 2 == 0 || tiles <= winograd_tiles_at_once(points, u.in.channels, u.out.channels);
    if (products >= least || !fits) continue;
    best = size;
    least = products;
  }
  return best;
}

void choose(std::vector<Unit>& units, Mode mode) {
  for (Unit& u : units) {
    const bool pooled = u.kind == UnitKind::conv_pool;
    if (pooled) u.thin = u.in.channels < kBlock;
    if ((!pooled && u.kind != UnitKind::conv) || !suits_winograd(u)) continue;
    u.winograd = choose_tile(u, pooled ? u.conv_out : u.out, pooled);
    if (mode != Mode::train || pooled) continue;
    u.winograd_input = choose_tile(u, u.in, false);
    // Making nine weights' gradients out of what is at the points costs about as much as one more tile.
    const int64_t tiles = divide_up(u.out.rows, 4) * divide_up(u.out.cols, 4);
    if (u.window.rows == 3 && winograd_points(4, 3) * (tiles + 1) <= 9 * u.out.rows * u.out.cols)
      u.winograd_weights = 4;
  }
}

}  // namespace

std::vector<std::vector<int>> consumers_of(const std::vector<Unit>& units) {
  std::vector<std::vector<int>> consumers(units.size());
  for (size_t i = 0; i < units.size(); i++)
    for (int input : units[i].inputs) consumers[input].push_back(static_cast<int>(i));
  return consumers;
}

Units make_units(const Graph& graph, Mode mode) {
  Units units = Fusion(graph, mode).run();
  absorb_padding(units.all, units.outputs);
  demand(units.all, units.outputs);
  choose(units.all, mode);
  return units;
}

}  // namespace galago
