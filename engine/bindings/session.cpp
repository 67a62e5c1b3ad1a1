// Session and graph for Python. Arrays come in without a copy or not at all; the GIL is released
// while the engine works.
#include "exec/session.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "base/integers.h"
#include "bindings/bindings.h"
#include "bindings/working.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace galago {
namespace {

using Array = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
using MutableArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

template <size_t N>
int lookup(const char* const (&names)[N], const std::string& name, const char* what) {
  for (size_t i = 0; i < N; i++)
    if (name == names[i]) return static_cast<int>(i);
  throw EngineError("unknown " + std::string(what) + " '" + name + "'.");
}

const char* const op_names[] = {
    "input",      "conv",     "dense",       "max_pool", "average_pool", "activation",     "flatten",   "pad",
    "batch_norm", "add",      "concatenate", "dropout",  "reshape",      "permute",        "crop",      "upsample",
    "dilate",     "subtract", "multiply",    "maximum",  "minimum",      "gaussian_noise", "layer_norm"};
const char* const activation_names[] = {
    "linear", "relu", "relu6",   "leaky_relu",   "elu",         "selu",         "softplus", "softsign", "silu",
    "gelu",   "tanh", "sigmoid", "hard_sigmoid", "exponential", "clipped_relu", "rescale",  "softmax"};
const char* const loss_names[] = {"", "sparse_categorical_crossentropy", "categorical_crossentropy",
                                  "binary_crossentropy", "mean_squared_error"};
const char* const accuracy_names[] = {"", "sparse", "categorical", "binary"};
const char* const optimizer_names[] = {"", "sgd", "adam"};
const char* const mode_names[] = {"predict", "test", "train"};

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
  if (node.op == Op::permute) {
    const auto order = ints(attributes, "order", 3);
    std::transform(order.begin(), order.end(), node.order.begin(), narrow);
  }
  if (node.op == Op::batch_norm) node.normalization = normalization_of(attributes);
  if (node.op == Op::dropout) {
    node.rate = nb::cast<double>(attributes["rate"]);
    node.seed = nb::cast<uint64_t>(attributes["seed"]);
    node.spatial = attributes.contains("spatial") && nb::cast<int>(attributes["spatial"]) != 0;
  }
  return node;
}

// nodes: (op, name, inputs, shape, attributes, parameters); parameters: (name, shape).
Graph graph_of(const nb::list& nodes, const nb::list& parameters, std::vector<int> outputs) {
  Graph graph;
  for (nb::handle n : nodes) graph.nodes.push_back(node_of(n));
  for (nb::handle p : parameters)
    graph.parameters.push_back({nb::cast<std::string>(p[0]), nb::cast<std::vector<int64_t>>(p[1])});
  graph.outputs = std::move(outputs);
  return graph;
}

InputType type_of(const nb::dlpack::dtype& dtype, const char* what) {
  if (dtype == nb::dtype<uint8_t>()) return InputType::u8;
  if (dtype == nb::dtype<float>()) return InputType::f32;
  if (dtype == nb::dtype<double>()) return InputType::f64;
  throw EngineError(std::string(what) + " must be uint8, float32 or float64.");
}

int64_t elements(const Array& a) { return static_cast<int64_t>(a.size()); }

InputView input_view(const Session& session, const Array& x) {
  const int64_t sample = session.graph().nodes.front().shape.size();
  if (x.ndim() < 2 || elements(x) != checked_multiply(static_cast<int64_t>(x.shape(0)), sample))
    throw EngineError("x must have rows of " + std::to_string(sample) + " elements.");
  return {x.data(), type_of(x.dtype(), "x"), static_cast<int64_t>(x.shape(0))};
}

TargetView target_view(const Array& y) {
  if (y.ndim() < 1) throw EngineError("y must have an axis of rows.");
  TargetView view;
  view.rows = static_cast<int64_t>(y.shape(0));
  if (y.dtype() == nb::dtype<int64_t>()) {
    if (y.ndim() != 1) throw EngineError("int64 labels must have one axis.");
    view.labels = static_cast<const int64_t*>(y.data());
    return view;
  }
  view.values = y.data();
  if (y.dtype() != nb::dtype<float>() && y.dtype() != nb::dtype<double>())
    throw EngineError("y must be int64 labels, or float32 or float64 targets.");
  view.type = type_of(y.dtype(), "y");
  view.cols = view.rows ? elements(y) / view.rows : 0;
  return view;
}

using Indices = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// A caller's buffer of the session's type and exactly this many elements.
template <class A>
auto buffer(const A& a, int64_t count, bool float64, const char* what) {
  if (a.dtype() != (float64 ? nb::dtype<double>() : nb::dtype<float>()) || static_cast<int64_t>(a.size()) != count)
    throw EngineError(std::string(what) + " must have " + std::to_string(count) + (float64 ? " float64" : " float32") +
                      " elements.");
  return a.data();
}

// What Python holds: a session and its element type.
struct PySession {
  std::unique_ptr<Session> session;
  bool float64;

  int64_t parameter_size(int index) const {
    const auto& parameters = session->graph().parameters;
    if (index < 0 || index >= static_cast<int>(parameters.size()))
      throw EngineError("there is no parameter " + std::to_string(index) + ".");
    return parameters[static_cast<size_t>(index)].size();
  }
  int64_t output_size() const { return session->graph().nodes.back().shape.size(); }
};

std::pair<double, double> as_pair(const StepResult& r) { return {r.loss, r.accuracy}; }

LossSpec loss_spec(const std::string& loss, bool from_logits, const std::string& accuracy) {
  return {static_cast<Loss>(lookup(loss_names, loss, "loss")), from_logits,
          static_cast<Accuracy>(lookup(accuracy_names, accuracy, "accuracy"))};
}

OptimizerSpec optimizer_spec(const std::string& kind, const nb::dict& d) {
  const auto number = [&](const char* key) { return d.contains(key) ? nb::cast<double>(d[key]) : 0.0; };
  OptimizerSpec o;
  o.kind = static_cast<OptimizerSpec::Kind>(lookup(optimizer_names, kind, "optimizer"));
  o.beta_1 = number("beta_1");
  o.beta_2 = number("beta_2");
  o.epsilon = number("epsilon");
  o.momentum = number("momentum");
  o.nesterov = number("nesterov") != 0;
  return o;
}

// How many rows, given as a range.
Selection range(int64_t start, int64_t stop) {
  if (start < 0 || stop < start) throw EngineError("rows must be given as 0 <= start <= stop.");
  return {nullptr, start, stop - start};
}

void define_parameters(nb::class_<PySession>& c) {
  c.def(
       "get_parameter",
       [](const PySession& s, int index, MutableArray out) {
         void* to = buffer(out, s.parameter_size(index), s.float64, "out");
         const Working working;
         s.session->get_parameter(index, to);
       },
       "index"_a, "out"_a.noconvert())
      .def(
          "set_parameter",
          [](PySession& s, int index, Array value) {
            const void* from = buffer(value, s.parameter_size(index), s.float64, "value");
            const Working working;
            s.session->set_parameter(index, from);
          },
          "index"_a, "value"_a.noconvert());
}

void define_steps(nb::class_<PySession>& c) {
  c.def(
       "train_steps",
       [](PySession& s, Array x, Array y, Indices indices, int64_t batch, double learning_rate) {
         const InputView in = input_view(*s.session, x);
         const TargetView target = target_view(y);
         const int64_t rows = static_cast<int64_t>(indices.size());
         if (batch < 1 || rows < 1)
           throw EngineError("train_steps needs at least one row, and one in a batch. Received: " +
                             std::to_string(rows) + " rows in batches of " + std::to_string(batch) + ".");
         std::vector<std::pair<double, double>> results;
         const Working working;
         for (int64_t first = 0; first < rows; first += batch) {
           const Selection selection{indices.data() + first, 0, std::min(batch, rows - first)};
           results.push_back(as_pair(s.session->train_step(in, target, selection, learning_rate)));
         }
         return results;
       },
       "x"_a.noconvert(), "y"_a.noconvert(), "indices"_a.noconvert(), "batch"_a, "learning_rate"_a)
      .def(
          "test_step",
          [](PySession& s, Array x, Array y, int64_t start, int64_t stop) {
            const InputView in = input_view(*s.session, x);
            const TargetView target = target_view(y);
            const Selection rows = range(start, stop);
            const Working working;
            return as_pair(s.session->test_step(in, target, rows));
          },
          "x"_a.noconvert(), "y"_a.noconvert(), "start"_a, "stop"_a)
      .def(
          "predict",
          [](PySession& s, Array x, int64_t start, int64_t stop, MutableArray out) {
            const InputView in = input_view(*s.session, x);
            const Selection rows = range(start, stop);
            void* to = buffer(out, checked_multiply(rows.count, s.output_size()), s.float64, "out");
            const Working working;
            s.session->predict(in, start, stop, to);
          },
          "x"_a.noconvert(), "start"_a, "stop"_a, "out"_a.noconvert())
      .def(
          "gradients",
          [](PySession& s, Array x, Array y, const std::vector<MutableArray>& out) {
            const InputView in = input_view(*s.session, x);
            const TargetView target = target_view(y);
            std::vector<void*> buffers;
            if (out.size() != s.session->graph().parameters.size())
              throw EngineError("out must have a buffer for every parameter.");
            for (size_t i = 0; i < out.size(); i++)
              buffers.push_back(buffer(out[i], s.parameter_size(static_cast<int>(i)), s.float64, "out"));
            const Working working;
            return as_pair(s.session->gradients(in, target, {nullptr, 0, in.rows}, buffers));
          },
          "x"_a.noconvert(), "y"_a.noconvert(), "out"_a)
      .def_prop_ro("last_count", [](const PySession& s) { return s.session->last_count(); })
      .def(
          "last_outputs",
          [](const PySession& s, MutableArray out) {
            const int64_t rows = static_cast<int64_t>(out.size()) / s.output_size();
            void* to = buffer(out, checked_multiply(rows, s.output_size()), s.float64, "out");
            const Working working;
            s.session->last_outputs(to, rows);
          },
          "out"_a.noconvert());
}

void define_optimizer(nb::class_<PySession>& c) {
  c.def(
       "compile",
       [](PySession& s, const std::string& loss, bool from_logits, const std::string& accuracy,
          const std::string& optimizer, const nb::dict& options, const std::vector<bool>& trainable) {
         s.session->compile(loss_spec(loss, from_logits, accuracy), optimizer_spec(optimizer, options), trainable);
       },
       "loss"_a, "from_logits"_a, "accuracy"_a, "optimizer"_a, "options"_a, "trainable"_a)
      .def_prop_rw(
          "iterations", [](const PySession& s) { return s.session->iterations(); },
          [](PySession& s, int64_t n) { s.session->set_iterations(n); })
      .def_prop_ro("moments", [](const PySession& s) { return s.session->moments(); })
      .def(
          "get_moment",
          [](const PySession& s, int moment, int index, MutableArray out) {
            s.session->get_moment(moment, index, buffer(out, s.parameter_size(index), s.float64, "out"));
          },
          "moment"_a, "index"_a, "out"_a.noconvert())
      .def(
          "set_moment",
          [](PySession& s, int moment, int index, Array value) {
            s.session->set_moment(moment, index, buffer(value, s.parameter_size(index), s.float64, "value"));
          },
          "moment"_a, "index"_a, "value"_a.noconvert());
}

// A line a step, packing or update: (stage, kernel, unit, calls, seconds, multiply_adds, bytes).
void define_profile(nb::class_<PySession>& c) {
  c.def(
      "profile",
      [](PySession& s, const std::string& mode, Array x, Array y, int64_t start, int64_t stop, int64_t repeats) {
        const InputView in = input_view(*s.session, x);
        const TargetView target = target_view(y);
        const Selection rows = range(start, stop);
        ProfileReport report;
        {
          const Working working;
          report = s.session->profile(static_cast<Mode>(lookup(mode_names, mode, "mode")), in, target, rows, repeats);
        }
        nb::list lines;
        for (const ProfileLine& l : report.lines)
          lines.append(nb::make_tuple(l.stage, l.kernel, l.unit, l.calls, l.seconds, l.multiply_adds, l.bytes));
        return nb::make_tuple(report.seconds, report.threads, lines);
      },
      "mode"_a, "x"_a.noconvert(), "y"_a.noconvert(), "start"_a, "stop"_a, "repeats"_a);
}

}  // namespace

void init_session(nb::module_& m) {
  nb::class_<PySession> c(m, "Session");
  c.def(
       "__init__",
       [](PySession* self, const nb::list& nodes, const nb::list& parameters, std::vector<int> outputs, bool float64,
          const std::string& isa) {
         Graph graph = graph_of(nodes, parameters, std::move(outputs));
         new (self) PySession{Session::create(std::move(graph), float64, isa), float64};
       },
       "nodes"_a, "parameters"_a, "outputs"_a, "float64"_a, "isa"_a)
      .def_prop_ro("isa", [](const PySession& s) { return std::string(s.session->isa()); })
      .def(
          "plan",
          [](const PySession& s, const std::string& mode) {
            return s.session->plan(static_cast<Mode>(lookup(mode_names, mode, "mode")));
          },
          "mode"_a);
  define_profile(c);
  define_parameters(c);
  define_steps(c);
  define_optimizer(c);
}

}  // namespace galago
