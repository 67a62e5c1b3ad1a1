#include "plan/graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/integers.h"

namespace galago {
namespace {

[[noreturn]] void fail(const Node& node, const std::string& what) {
  throw EngineError("Node '" + node.name + "': " + what);
}

std::string text(const Shape& s) {
  return std::to_string(s.rows) + "x" + std::to_string(s.cols) + "x" + std::to_string(s.channels);
}

void expect_shape(const Node& node, const Shape& expected) {
  const Shape& s = node.shape;
  if (s.rows != expected.rows || s.cols != expected.cols || s.channels != expected.channels)
    fail(node, "its shape must be " + text(expected) + ". Received: " + text(s) + ".");
}

// Positions of a window along one axis, floor like Keras.
int64_t positions(const Node& node, int64_t size, int64_t before, int64_t after, int64_t span, int64_t stride) {
  const int64_t room = checked_add(checked_add(size, before), after) - span;
  if (room < 0)
    fail(node, "its window of " + std::to_string(span) + " is larger than its padded input of " +
                   std::to_string(room + span) + ".");
  return room / stride + 1;
}

Shape slide(const Node& node, const Shape& in, int64_t channels) {
  const Window& w = node.window;
  for (int64_t n : {w.rows, w.cols, w.stride_rows, w.stride_cols, w.dilation_rows, w.dilation_cols})
    if (n < 1 || n > 65535)
      fail(node, "window sizes, strides and dilations must be from 1 to 65535. Received: " + std::to_string(n) + ".");
  for (int64_t n : {w.top, w.bottom, w.left, w.right})
    if (n < 0 || n > 65535) fail(node, "padding must be from 0 to 65535. Received: " + std::to_string(n) + ".");
  return {positions(node, in.rows, w.top, w.bottom, w.span_rows(), w.stride_rows),
          positions(node, in.cols, w.left, w.right, w.span_cols(), w.stride_cols), channels};
}

void expect_size(const Graph& graph, const Node& node, int parameter, int64_t size) {
  if (parameter < 0 || parameter >= static_cast<int>(graph.parameters.size()))
    fail(node, "there is no parameter " + std::to_string(parameter) + ".");
  const Parameter& p = graph.parameters[parameter];
  if (p.size() != size)
    fail(node, "parameter '" + p.name + "' must have " + std::to_string(size) +
                   " elements. Received: " + std::to_string(p.size()) + ".");
}

void expect_parameters(const Graph& graph, const Node& node, int64_t kernel_size, int64_t bias_size) {
  const size_t count = node.parameters.size();
  if (count != 1 && count != 2)
    fail(node, "expected a kernel and at most a bias. Received: " + std::to_string(count) + " parameters.");
  expect_size(graph, node, node.parameters[0], kernel_size);
  if (count == 2) expect_size(graph, node, node.parameters[1], bias_size);
}

void check_batch_norm(const Graph& graph, const Node& node, const Shape& in) {
  const Normalization& n = node.normalization;
  const size_t expected = 2u + (n.scale ? 1 : 0) + (n.center ? 1 : 0);
  if (node.parameters.size() != expected)
    fail(node, "expected " + std::to_string(expected) +
                   " parameters: gamma if scaled, beta if centered, moving mean and moving variance. Received: " +
                   std::to_string(node.parameters.size()) + ".");
  for (int p : node.parameters) expect_size(graph, node, p, in.channels);
  if (!(n.epsilon > 0)) fail(node, "epsilon must be above 0. Received: " + std::to_string(n.epsilon) + ".");
  if (!(n.momentum >= 0 && n.momentum <= 1))
    fail(node, "momentum must be from 0 to 1. Received: " + std::to_string(n.momentum) + ".");
  expect_shape(node, in);
}

void check_layer_norm(const Graph& graph, const Node& node, const Shape& in) {
  const Normalization& n = node.normalization;
  const size_t expected = (n.scale ? 1u : 0u) + (n.center ? 1u : 0u);
  if (node.parameters.size() != expected)
    fail(node, "expected " + std::to_string(expected) + " parameters: gamma if scaled, beta if centered. Received: " +
                   std::to_string(node.parameters.size()) + ".");
  for (int p : node.parameters) expect_size(graph, node, p, in.channels);
  if (!(n.epsilon > 0)) fail(node, "epsilon must be above 0. Received: " + std::to_string(n.epsilon) + ".");
  expect_shape(node, in);
}

void check_padding(const Node& node, const Shape& in) {
  const Window& w = node.window;
  for (int64_t n : {w.top, w.bottom, w.left, w.right})
    if (n < 0 || n > 65535) fail(node, "padding must be from 0 to 65535. Received: " + std::to_string(n) + ".");
  expect_shape(node, {in.rows + w.top + w.bottom, in.cols + w.left + w.right, in.channels});
}

void check_cropping(const Node& node, const Shape& in) {
  const Window& w = node.window;
  for (int64_t n : {w.top, w.bottom, w.left, w.right})
    if (n < 0 || n > 65535) fail(node, "cropping must be from 0 to 65535. Received: " + std::to_string(n) + ".");
  expect_shape(node, {in.rows - w.top - w.bottom, in.cols - w.left - w.right, in.channels});
}

void check_upsampling(const Node& node, const Shape& in) {
  const Window& w = node.window;
  for (int64_t n : {w.rows, w.cols})
    if (n < 1 || n > 65535) fail(node, "sizes must be from 1 to 65535. Received: " + std::to_string(n) + ".");
  expect_shape(node, {in.rows * w.rows, in.cols * w.cols, in.channels});
}

void check_dilation(const Node& node, const Shape& in) {
  const Window& w = node.window;
  for (int64_t n : {w.stride_rows, w.stride_cols})
    if (n < 1 || n > 65535) fail(node, "strides must be from 1 to 65535. Received: " + std::to_string(n) + ".");
  expect_shape(node, {(in.rows - 1) * w.stride_rows + 1, (in.cols - 1) * w.stride_cols + 1, in.channels});
}

void check_resizing(const Node& node, const Shape& in) {
  const Resizing& r = node.resizing;
  constexpr int64_t most = 1 << 22;  // what tables of an axis may be made of
  if (r.rows < 1 || r.cols < 1) fail(node, "its box must be a row, a column, and a height and a width of at least 1.");
  for (int64_t n : {r.top, r.left, r.rows, r.cols})
    if (n < -most || n > most)
      fail(node, "its box may have at most " + std::to_string(most) +
                     " rows and columns. Received: " + std::to_string(n) + ".");
  if (r.top >= in.rows || r.left >= in.cols || r.top + r.rows <= 0 || r.left + r.cols <= 0)
    fail(node, "its box must not lie beside its input, " + text(in) + ".");
  if (!std::isfinite(r.fill)) fail(node, "fill must be finite. Received: " + std::to_string(r.fill) + ".");
  expect_shape(node, {node.shape.rows, node.shape.cols, in.channels});
}

void check_warp(const Node& node, const Shape& in) {
  constexpr double far = 1e6;  // times a picture's size: places stay exact to a millionth of a pixel
  const Warping& w = node.warping;
  for (double n : w.ranges)
    if (!(std::fabs(n) <= far)) fail(node, "ranges must be from -1e6 to 1e6. Received: " + std::to_string(n) + ".");
  if (!std::isfinite(w.fill)) fail(node, "fill must be finite. Received: " + std::to_string(w.fill) + ".");
  expect_shape(node, in);
}

void check_random_crop(const Node& node, const Shape& in) {
  if (node.shape.rows > in.rows || node.shape.cols > in.cols)
    fail(node, "it must be no larger than its input, " + text(in) + ". Received: " + text(node.shape) + ".");
  check_resizing(node, in);
}

void check_tone(const Node& node, const Shape& in) {
  const Toning& t = node.toning;
  for (double n : {t.low, t.high, t.least, t.most})
    if (!std::isfinite(n)) fail(node, "its ranges must be finite. Received: " + std::to_string(n) + ".");
  expect_shape(node, in);
}

void check_order(const Node& node, const Shape& in) {
  const std::array<int64_t, 3> sizes{in.rows, in.cols, in.channels};
  std::array<bool, 3> met{};
  for (int axis : node.order)
    if (axis < 0 || axis > 2 || std::exchange(met[static_cast<size_t>(axis)], true))
      fail(node, "order must name each of the axes 0, 1 and 2 once. Received: " + std::to_string(axis) + ".");
  const auto size = [&](size_t axis) { return sizes[static_cast<size_t>(node.order[axis])]; };
  expect_shape(node, {size(0), size(1), size(2)});
}

// Inputs of one shape, or of one position, which goes with all of them.
void check_merge(const Graph& graph, const Node& node) {
  Shape whole = graph.nodes[node.inputs[0]].shape;
  for (int i : node.inputs)
    if (graph.nodes[i].shape.rows * graph.nodes[i].shape.cols > whole.rows * whole.cols) whole = graph.nodes[i].shape;
  for (int i : node.inputs) {
    const Shape& s = graph.nodes[i].shape;
    if (s.channels != whole.channels || (!s.is_vector() && (s.rows != whole.rows || s.cols != whole.cols)))
      fail(node, "its inputs must have one shape, or one position. Received: " + text(whole) + " and " + text(s) + ".");
  }
  expect_shape(node, whole);
}

void check_concatenation(const Graph& graph, const Node& node) {
  Shape whole = graph.nodes[node.inputs[0]].shape;
  whole.channels = 0;
  for (int i : node.inputs) {
    const Shape& s = graph.nodes[i].shape;
    if (s.rows != whole.rows || s.cols != whole.cols)
      fail(node, "its inputs must be equal but for their channels. Received: " + text(whole) + " and " + text(s) + ".");
    whole.channels = checked_add(whole.channels, s.channels);
  }
  expect_shape(node, whole);
}

void check_node(const Graph& graph, const Node& node, const Shape& in) {
  switch (node.op) {
    case Op::input: break;
    case Op::conv: {
      if (node.groups < 1 || in.channels % node.groups || node.shape.channels % node.groups)
        fail(node,
             "groups must divide its input's and its own channels. Received: " + std::to_string(node.groups) + ".");
      if (node.transposed && node.groups != 1) fail(node, "a transposed convolution must have one group.");
      expect_shape(node, slide(node, in, node.shape.channels));
      const int64_t fan = checked_multiply(node.window.rows * node.window.cols, in.channels / node.groups);
      expect_parameters(graph, node, checked_multiply(fan, node.shape.channels), node.shape.channels);
      break;
    }
    case Op::dense:
      if (!in.is_vector()) fail(node, "its input must be a vector. Received: " + text(in) + ".");
      expect_shape(node, {1, 1, node.shape.channels});
      expect_parameters(graph, node, checked_multiply(in.channels, node.shape.channels), node.shape.channels);
      break;
    case Op::max_pool:
    case Op::average_pool:
      if (node.window.top >= node.window.rows || node.window.bottom >= node.window.rows ||
          node.window.left >= node.window.cols || node.window.right >= node.window.cols)
        fail(node, "its padding must be smaller than its window.");
      if (node.window.rows * node.window.cols > 65535) fail(node, "its window must have at most 65535 cells.");
      expect_shape(node, slide(node, in, in.channels));
      break;
    case Op::activation: expect_shape(node, in); break;
    case Op::flatten: expect_shape(node, {1, 1, in.size()}); break;
    case Op::pad: check_padding(node, in); break;
    case Op::batch_norm: check_batch_norm(graph, node, in); break;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::maximum:
    case Op::minimum: check_merge(graph, node); break;
    case Op::concatenate: check_concatenation(graph, node); break;
    case Op::dropout:
      if (!(node.rate > 0 && node.rate < 1))
        fail(node, "rate must be above 0 and below 1. Received: " + std::to_string(node.rate) + ".");
      expect_shape(node, in);
      break;
    case Op::reshape:
      if (node.shape.size() != in.size())
        fail(node, "its shape must have as many elements as its input, " + text(in) +
                       ". Received: " + text(node.shape) + ".");
      break;
    case Op::permute: check_order(node, in); break;
    case Op::crop: check_cropping(node, in); break;
    case Op::upsample: check_upsampling(node, in); break;
    case Op::dilate: check_dilation(node, in); break;
    case Op::gaussian_noise:
      if (!(node.rate > 0)) fail(node, "deviation must be above 0. Received: " + std::to_string(node.rate) + ".");
      expect_shape(node, in);
      break;
    case Op::layer_norm: check_layer_norm(graph, node, in); break;
    case Op::resize: check_resizing(node, in); break;
    case Op::host: break;
    case Op::random_warp: check_warp(node, in); break;
    case Op::random_crop: check_random_crop(node, in); break;
    case Op::random_tone: check_tone(node, in); break;
    case Op::activity:
      for (double factor : {node.l1, node.l2})
        if (!(factor >= 0 && factor < std::numeric_limits<double>::infinity()))
          fail(node, "l1 and l2 must be finite and not negative. Received: " + std::to_string(factor) + ".");
      expect_shape(node, in);
      break;
  }
}

bool same_layer(const Node& a, const Node& b) {
  if (a.op == Op::host && b.op == Op::host) return a.parameters == b.parameters;
  return a.op == b.op && a.parameters == b.parameters && a.groups == b.groups && a.window.rows == b.window.rows &&
         a.window.cols == b.window.cols && a.shape.channels == b.shape.channels;
}

// Nodes that share a parameter are the same layer, called again.
void check_parameters(const Graph& graph) {
  std::vector<const Node*> users(graph.parameters.size());
  for (const Node& node : graph.nodes)
    for (size_t k = 0; k < node.parameters.size(); k++) {
      const auto& own = node.parameters;
      if (own[k] < 0 || own[k] >= static_cast<int>(users.size()))
        fail(node, "there is no parameter " + std::to_string(own[k]) + ".");
      const Node*& user = users[static_cast<size_t>(own[k])];
      if (std::count(own.begin(), own.end(), own[k]) > 1)
        fail(node, "it has the parameter '" + graph.parameters[static_cast<size_t>(own[k])].name + "' twice.");
      if (user && !same_layer(*user, node))
        fail(node, "it shares a parameter with '" + user->name + "', which is another layer.");
      user = &node;
    }
  for (size_t i = 0; i < users.size(); i++) {
    const Parameter& p = graph.parameters[i];
    if (!users[i]) throw EngineError("Parameter '" + p.name + "' is not used; leave it out of the graph.");
    for (int64_t d : p.shape)
      if (d < 1) throw EngineError("Parameter '" + p.name + "' must have no empty axis.");
  }
}

// A convolution or pool needs a map: nothing before it may have lost its rows and columns.
bool needs_map(Op op) {
  return op == Op::conv || op == Op::max_pool || op == Op::average_pool || op == Op::pad || op == Op::crop ||
         op == Op::upsample || op == Op::dilate || op == Op::resize || op == Op::random_warp || op == Op::random_crop ||
         op == Op::random_tone;
}

// Inputs are earlier nodes, as many as the operation takes.
void check_inputs(const Node& node, int place) {
  const size_t count = node.inputs.size();
  const bool joins = merges(node.op) || node.op == Op::concatenate;
  const bool pairs = joins && node.op != Op::add && node.op != Op::concatenate;
  const bool any = node.op == Op::host;
  if (pairs ? count != 2 : joins ? count < 2 : any ? count < 1 : count != (node.op == Op::input ? 0u : 1u))
    fail(node, "it takes " +
                   std::string(pairs                  ? "two inputs"
                               : joins                ? "two inputs or more"
                               : any                  ? "one input or more"
                               : node.op == Op::input ? "no input"
                                                      : "one input") +
                   ". Received: " + std::to_string(count) + ".");
  for (int i : node.inputs)
    if (i < 0 || i >= place) fail(node, "its inputs must be earlier nodes. Received: " + std::to_string(i) + ".");
}

void check_outputs(const Graph& graph) {
  if (graph.outputs.empty()) throw EngineError("A graph must have an output.");
  std::vector<bool> used(graph.nodes.size(), false);
  for (int i : graph.outputs) {
    if (i < 0 || i >= static_cast<int>(graph.nodes.size()))
      throw EngineError("Outputs must be nodes of the graph. Received: " + std::to_string(i) + ".");
    if (used[i]) fail(graph.nodes[i], "it must be an output only once.");
    used[i] = true;
  }
  for (const Node& node : graph.nodes)
    for (int i : node.inputs) used[i] = true;
  for (size_t i = 0; i < used.size(); i++)
    if (!used[i]) fail(graph.nodes[i], "nothing uses it; leave it out of the graph.");
}

}  // namespace

Graph give_copies(Graph graph) {
  std::vector<int> last(graph.parameters.size(), -1);  // the use before
  for (Node& node : graph.nodes)
    for (int& p : node.parameters) {
      const int original = p;
      int& before = last[static_cast<size_t>(original)];
      if (before >= 0) {
        Parameter copy = graph.parameters[static_cast<size_t>(original)];
        copy.original = original;
        copy.before = before;
        p = static_cast<int>(graph.parameters.size());
        graph.parameters.push_back(std::move(copy));
      }
      before = p;
    }
  return graph;
}

std::vector<Shape> input_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  for (const Node& node : graph.nodes)
    if (node.op == Op::input) shapes.push_back(node.shape);
  return shapes;
}

bool merges(Op op) {
  return op == Op::add || op == Op::subtract || op == Op::multiply || op == Op::maximum || op == Op::minimum;
}

Merge merge_of(Op op) {
  switch (op) {
    case Op::subtract: return Merge::subtract;
    case Op::multiply: return Merge::multiply;
    case Op::maximum: return Merge::maximum;
    case Op::minimum: return Merge::minimum;
    default: return Merge::add;
  }
}

void check(const Graph& graph) {
  if (graph.nodes.empty() || graph.nodes.front().op != Op::input)
    throw EngineError("A graph must start with an input node.");
  // Offsets inside one image are 32 bits in the tables of taps and winners.
  constexpr int64_t most = std::numeric_limits<int32_t>::max() / 64;
  std::vector<bool> flat(graph.nodes.size(), false);  // at or after a dense layer or a flattening
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const Node& node = graph.nodes[i];
    const Shape& s = node.shape;
    if (s.rows < 1 || s.cols < 1 || s.channels < 1)
      fail(node, "its shape must have no empty axis. Received: " + text(s) + ".");
    if (checked_multiply(checked_multiply(s.rows, s.cols), s.channels) > most)
      fail(node, "one image may have at most " + std::to_string(most) + " elements here. Received: " + text(s) + ".");
    check_inputs(node, static_cast<int>(i));
    flat[i] = node.op == Op::dense || node.op == Op::flatten;
    if (node.op != Op::reshape && node.op != Op::host)
      for (int k : node.inputs) flat[i] = flat[i] || flat[k];
    if (flat[i] && needs_map(node.op))
      fail(node,
           "a convolution, pool, padding, cropping, upsampling, dilation, resizing or random picture behind a dense or "
           "flatten node "
           "needs a "
           "reshape in between.");
    check_node(graph, node, node.inputs.empty() ? s : graph.nodes[node.inputs[0]].shape);
  }
  check_parameters(graph);
  check_outputs(graph);
}

}  // namespace galago
