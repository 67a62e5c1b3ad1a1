#include "bindings/graph.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "bindings/lookup.h"

namespace nb = nanobind;

namespace galago {
namespace {

const char* const op_names[] = {"input",       "conv",           "dense",       "max_pool",   "average_pool",
                                "activation",  "flatten",        "pad",         "batch_norm", "add",
                                "concatenate", "dropout",        "reshape",     "permute",    "crop",
                                "upsample",    "dilate",         "subtract",    "multiply",   "maximum",
                                "minimum",     "gaussian_noise", "layer_norm",  "resize",     "host",
                                "random_warp", "random_crop",    "random_tone", "activity"};
const char* const interpolation_names[] = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"};
const char* const activation_names[] = {
    "linear", "relu", "relu6",   "leaky_relu",   "elu",         "selu",         "softplus", "softsign", "silu",
    "gelu",   "tanh", "sigmoid", "hard_sigmoid", "exponential", "clipped_relu", "rescale",  "softmax"};

Shape shape_of(const std::vector<int64_t>& s) {
  switch (s.size()) {
    case 1: return {1, 1, s[0]};
    case 2: return {1, s[0], s[1]};  // the last axis is the channels
    case 3: return {s[0], s[1], s[2]};
    default: throw EngineError("a node's shape must have 1, 2 or 3 axes. Received: " + std::to_string(s.size()) + ".");
  }
}

std::vector<int64_t> ints(const nb::dict& d, const char* key, size_t count) {
  auto v = nb::cast<std::vector<int64_t>>(d[key]);
  if (v.size() != count) throw EngineError(std::string(key) + " must have " + std::to_string(count) + " values.");
  return v;
}

void set_padding(Window& w, const nb::dict& d) {
  const auto padding = ints(d, "padding", 4);
  w.top = padding[0], w.bottom = padding[1], w.left = padding[2], w.right = padding[3];
}

Window window_of(const nb::dict& d, const char* size) {
  Window w;
  const auto extent = ints(d, size, 2), strides = ints(d, "strides", 2);
  w.rows = extent[0], w.cols = extent[1];
  w.stride_rows = strides[0], w.stride_cols = strides[1];
  set_padding(w, d);
  if (d.contains("dilation")) {
    const auto dilation = ints(d, "dilation", 2);
    w.dilation_rows = dilation[0], w.dilation_cols = dilation[1];
  }
  return w;
}

Normalization normalization_of(const nb::dict& d) {
  const auto is_set = [&](const char* key) { return nb::cast<int>(d[key]) != 0; };
  Normalization n;
  n.momentum = nb::cast<double>(d["momentum"]);
  n.epsilon = nb::cast<double>(d["epsilon"]);
  n.scale = is_set("scale");
  n.center = is_set("center");
  n.inference = is_set("inference");
  return n;
}

Resizing resizing_of(const nb::dict& d) {
  Resizing r;
  r.interpolation = static_cast<Interpolation>(
      lookup(interpolation_names, nb::cast<std::string>(d["interpolation"]), "interpolation"));
  r.antialias = nb::cast<int>(d["antialias"]) != 0;
  const auto box = ints(d, "box", 4);
  r.top = box[0], r.left = box[1], r.rows = box[2], r.cols = box[3];
  r.fill = nb::cast<double>(d["fill"]);
  return r;
}

const char* const warp_names[] = {"flip", "rotation", "translation", "zoom", "crop"};
const char* const fill_mode_names[] = {"constant", "nearest", "reflect", "wrap"};

Warping warping_of(const nb::dict& d) {
  Warping w;
  w.kind = static_cast<WarpKind>(lookup(warp_names, nb::cast<std::string>(d["kind"]), "kind of warp"));
  const auto ranges = nb::cast<std::vector<double>>(d["ranges"]);
  if (ranges.size() != 2 && ranges.size() != 4) throw EngineError("ranges must have 2 or 4 values.");
  std::ranges::copy(ranges, w.ranges.begin());
  w.joint = ranges.size() == 2;
  w.nearest = nb::cast<std::string>(d["interpolation"]) == interpolation_names[0];
  w.fill_mode = static_cast<FillMode>(lookup(fill_mode_names, nb::cast<std::string>(d["fill_mode"]), "fill_mode"));
  w.fill = nb::cast<double>(d["fill"]);
  return w;
}

Toning toning_of(const nb::dict& d) {
  const auto range = nb::cast<std::vector<double>>(d["range"]), limits = nb::cast<std::vector<double>>(d["limits"]);
  if (range.size() != 2 || limits.size() != 2) throw EngineError("range and limits must have 2 values.");
  return {nb::cast<std::string>(d["kind"]) == "contrast", range[0], range[1], limits[0], limits[1]};
}

Node node_of(const nb::handle& tuple) {
  Node node;
  node.op = static_cast<Op>(lookup(op_names, nb::cast<std::string>(tuple[0]), "op"));
  node.name = nb::cast<std::string>(tuple[1]);
  node.inputs = nb::cast<std::vector<int>>(tuple[2]);
  node.shape = shape_of(nb::cast<std::vector<int64_t>>(tuple[3]));
  const auto attributes = nb::cast<nb::dict>(tuple[4]);
  node.parameters = nb::cast<std::vector<int>>(tuple[5]);
  if (node.op == Op::conv) {
    node.window = window_of(attributes, "kernel");
    node.groups = nb::cast<int64_t>(attributes["groups"]);
    node.transposed = attributes.contains("transposed") && nb::cast<int>(attributes["transposed"]) != 0;
  }
  if (node.op == Op::max_pool || node.op == Op::average_pool) node.window = window_of(attributes, "pool");
  if (node.op == Op::activation) {
    node.activation =
        static_cast<Activation>(lookup(activation_names, nb::cast<std::string>(attributes["kind"]), "activation"));
    node.alpha = nb::cast<double>(attributes["alpha"]);
    if (attributes.contains("beta")) node.beta = nb::cast<double>(attributes["beta"]);
    if (attributes.contains("limit")) node.limit = nb::cast<double>(attributes["limit"]);
  }
  if (node.op == Op::pad || node.op == Op::crop) set_padding(node.window, attributes);
  if (node.op == Op::upsample) {
    const auto size = ints(attributes, "size", 2);
    node.window.rows = size[0], node.window.cols = size[1];
  }
  if (node.op == Op::dilate) {
    const auto strides = ints(attributes, "strides", 2);
    node.window.stride_rows = strides[0], node.window.stride_cols = strides[1];
  }
  if (node.op == Op::gaussian_noise) {
    node.rate = nb::cast<double>(attributes["deviation"]);
    node.seed = nb::cast<uint64_t>(attributes["seed"]);
  }
  if (node.op == Op::layer_norm) {
    node.normalization.epsilon = nb::cast<double>(attributes["epsilon"]);
    node.normalization.scale = nb::cast<int>(attributes["scale"]) != 0;
    node.normalization.center = nb::cast<int>(attributes["center"]) != 0;
  }
  if (node.op == Op::activity) {
    node.l1 = nb::cast<double>(attributes["l1"]);
    node.l2 = nb::cast<double>(attributes["l2"]);
  }
  if (node.op == Op::permute) {
    const auto order = ints(attributes, "order", 3);
    std::transform(order.begin(), order.end(), node.order.begin(), narrow);
  }
  if (node.op == Op::resize || node.op == Op::random_crop) node.resizing = resizing_of(attributes);
  if (node.op == Op::random_warp) node.warping = warping_of(attributes);
  if (node.op == Op::random_crop) {
    node.warping.kind = WarpKind::crop;
    node.warping.nearest = true;
  }
  if (node.op == Op::random_tone) node.toning = toning_of(attributes);
  if (node.op == Op::random_warp || node.op == Op::random_crop || node.op == Op::random_tone)
    node.seed = nb::cast<uint64_t>(attributes["seed"]);
  if (node.op == Op::batch_norm) node.normalization = normalization_of(attributes);
  if (node.op == Op::dropout) {
    node.rate = nb::cast<double>(attributes["rate"]);
    node.seed = nb::cast<uint64_t>(attributes["seed"]);
    node.spatial = attributes.contains("spatial") && nb::cast<int>(attributes["spatial"]) != 0;
  }
  return node;
}

}  // namespace

Graph graph_of(const nb::list& nodes, const nb::list& parameters, std::vector<int> outputs) {
  Graph graph;
  for (nb::handle n : nodes) graph.nodes.push_back(node_of(n));
  for (nb::handle p : parameters)
    graph.parameters.push_back({nb::cast<std::string>(p[0]), nb::cast<std::vector<int64_t>>(p[1])});
  graph.outputs = std::move(outputs);
  return graph;
}

}  // namespace galago
