// Sessions for Python. Arrays come in without a copy or not at all; the GIL is released
// while the engine works.
#include "exec/session.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "base/integers.h"
#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/graph.h"
#include "bindings/host.h"
#include "bindings/lookup.h"
#include "bindings/working.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace galago {
namespace {

using MutableArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

const char* const loss_names[] = {"",
                                  "sparse_categorical_crossentropy",
                                  "categorical_crossentropy",
                                  "binary_crossentropy",
                                  "mean_squared_error",
                                  "mean_absolute_error",
                                  "mean_absolute_percentage_error",
                                  "mean_squared_logarithmic_error",
                                  "huber",
                                  "log_cosh",
                                  "poisson",
                                  "hinge",
                                  "squared_hinge",
                                  "binary_focal_crossentropy",
                                  "kl_divergence",
                                  "categorical_hinge",
                                  "cosine_similarity",
                                  "categorical_focal_crossentropy"};
const char* const reduction_names[] = {"sum_over_batch_size", "sum", "mean_with_sample_weight"};
const char* const accuracy_names[] = {"", "sparse", "categorical", "binary"};
const char* const optimizer_names[] = {"", "sgd", "adam", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "lion"};
const char* const mode_names[] = {"predict", "test", "train"};

int64_t elements(const Array& a) { return static_cast<int64_t>(a.size()); }

// Arrays in a list, one for each input or output.
using Arrays = std::vector<Array>;
using MutableArrays = std::vector<MutableArray>;

void expect_count(size_t count, size_t expected, const char* what) {
  if (count != expected)
    throw EngineError(std::string(what) + " must have " + std::to_string(expected) +
                      (expected == 1 ? " array" : " arrays") + ". Received: " + std::to_string(count) + ".");
}

std::vector<InputView> input_views(const Session& session, const Arrays& x) {
  const std::vector<Shape> shapes = input_shapes(session.graph());
  expect_count(x.size(), shapes.size(), "x");
  std::vector<InputView> views;
  for (size_t i = 0; i < x.size(); i++) {
    const Array& a = x[i];
    const int64_t sample = shapes[i].size();
    if (a.ndim() < 2 || elements(a) != checked_multiply(static_cast<int64_t>(a.shape(0)), sample))
      throw EngineError("x must have rows of " + std::to_string(sample) + " elements.");
    views.push_back({a.data(), type_of(a.dtype(), "x"), static_cast<int64_t>(a.shape(0))});
  }
  return views;
}

TargetView target_view(const Array& y) {
  if (y.ndim() < 1) throw EngineError("y must have an axis of rows.");
  TargetView view;
  view.rows = static_cast<int64_t>(y.shape(0));
  if (y.dtype() == nb::dtype<int64_t>()) {
    view.labels = static_cast<const int64_t*>(y.data());
    view.cols = view.rows ? elements(y) / view.rows : 0;
    return view;
  }
  view.values = y.data();
  if (y.dtype() != nb::dtype<float>() && y.dtype() != nb::dtype<double>())
    throw EngineError("y must be int64 labels, or float32 or float64 targets.");
  view.type = type_of(y.dtype(), "y");
  view.cols = view.rows ? elements(y) / view.rows : 0;
  return view;
}

// Of each output, or None; empty where nothing is weighted.
using Weights = std::vector<std::optional<Array>>;

void set_weights(TargetView& view, const Array& weights) {
  const bool floats = weights.dtype() == nb::dtype<float>() || weights.dtype() == nb::dtype<double>();
  if (!floats || weights.ndim() < 1 || static_cast<int64_t>(weights.shape(0)) != view.rows)
    throw EngineError("weights must be float32 or float64, one row for each of y.");
  view.weights = weights.data();
  view.weight_type = type_of(weights.dtype(), "weights");
  view.weight_cols = view.rows ? elements(weights) / view.rows : 0;
}

std::vector<TargetView> target_views(const Session& session, const Arrays& y, const Weights& weights = {}) {
  expect_count(y.size(), session.graph().outputs.size(), "y");
  if (!weights.empty()) expect_count(weights.size(), y.size(), "weights");
  std::vector<TargetView> views;
  for (const Array& a : y) views.push_back(target_view(a));
  for (size_t i = 0; i < weights.size(); i++)
    if (weights[i]) set_weights(views[i], *weights[i]);
  return views;
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

  // A buffer for each output.
  std::vector<void*> outputs(const MutableArrays& out, int64_t rows) const {
    const Graph& graph = session->graph();
    expect_count(out.size(), graph.outputs.size(), "out");
    std::vector<void*> buffers;
    for (size_t i = 0; i < out.size(); i++) {
      const int64_t size = graph.nodes[static_cast<size_t>(graph.outputs[i])].shape.size();
      buffers.push_back(buffer(out[i], checked_multiply(rows, size), float64, "out"));
    }
    return buffers;
  }
};

// Calls a method without the GIL: a step that is under way in another thread may need it, for its host.
template <class Method, class... Arguments>
auto waiting(const PySession& s, Method method, Arguments... arguments) {
  const Working working;
  return ((*s.session).*method)(arguments...);
}

// The loss, then of one output its accuracy, of several each one's loss and accuracy.
nb::tuple numbers(const StepResult& r) {
  if (r.outputs.size() == 1) return nb::make_tuple(r.loss, r.outputs[0].accuracy);
  nb::list all;
  all.append(r.loss);
  for (const OutputResult& output : r.outputs) {
    all.append(output.loss);
    all.append(output.accuracy);
  }
  return nb::tuple(all);
}

// (loss, from logits, options, reduction, accuracy, weight)
using LossTuple = std::tuple<std::string, bool, nb::dict, std::string, std::string, double>;

LossSpec loss_spec(const LossTuple& given) {
  const auto& [loss, from_logits, d, reduction, accuracy, weight] = given;
  const auto number = [&d = d](const char* key, double otherwise) {
    return d.contains(key) ? nb::cast<double>(d[key]) : otherwise;
  };
  LossSpec spec;
  spec.kind = static_cast<Loss>(lookup(loss_names, loss, "loss"));
  spec.from_logits = from_logits;
  spec.options.label_smoothing = number("label_smoothing", 0);
  spec.options.delta = number("delta", 1);
  spec.options.alpha = number("alpha", 0);
  spec.options.gamma = number("gamma", 0);
  spec.options.balanced = number("apply_class_balancing", 0) != 0;
  if (d.contains("ignore_class")) spec.options.ignored = static_cast<int64_t>(number("ignore_class", 0));
  spec.reduction = static_cast<Reduction>(lookup(reduction_names, reduction, "reduction"));
  spec.accuracy = static_cast<Accuracy>(lookup(accuracy_names, accuracy, "accuracy"));
  spec.weight = weight;
  return spec;
}

std::vector<LossSpec> loss_specs(const std::vector<LossTuple>& losses) {
  std::vector<LossSpec> specs;
  for (const LossTuple& loss : losses) specs.push_back(loss_spec(loss));
  return specs;
}

OptimizerSpec optimizer_spec(const std::string& kind, const nb::dict& d) {
  const auto number = [&](const char* key) { return d.contains(key) ? nb::cast<double>(d[key]) : 0.0; };
  OptimizerSpec o;
  o.kind = static_cast<OptimizerSpec::Kind>(lookup(optimizer_names, kind, "optimizer"));
  o.beta_1 = number("beta_1");
  o.beta_2 = number("beta_2");
  o.epsilon = number("epsilon");
  o.amsgrad = number("amsgrad") != 0;
  o.momentum = number("momentum");
  o.nesterov = number("nesterov") != 0;
  o.rho = number("rho");
  o.centered = number("centered") != 0;
  o.initial_accumulator_value = number("initial_accumulator_value");
  o.weight_decay = number("weight_decay");
  o.clipnorm = number("clipnorm");
  o.global_clipnorm = number("global_clipnorm");
  o.clipvalue = number("clipvalue");
  o.use_ema = number("use_ema") != 0;
  o.ema_momentum = number("ema_momentum");
  o.ema_overwrite_frequency = static_cast<int64_t>(number("ema_overwrite_frequency"));
  return o;
}

// Of each parameter: l1, l2, whether it decays, "low", "high", "rate" and "axes" of its norm, or "non_negative".
std::vector<ParameterRule> parameter_rules(const std::vector<nb::dict>& given) {
  std::vector<ParameterRule> rules;
  for (const nb::dict& d : given) {
    const auto number = [&](const char* key, double none) { return d.contains(key) ? nb::cast<double>(d[key]) : none; };
    ParameterRule rule;
    rule.l1 = number("l1", 0);
    rule.l2 = number("l2", 0);
    rule.decays = number("decays", 1) != 0;
    Constraint& c = rule.constraint;
    if (number("non_negative", 0) != 0) c.kind = Constraint::Kind::non_negative;
    if (d.contains("axes")) {
      c.kind = Constraint::Kind::norm;
      c.low = number("low", 0), c.high = number("high", 0), c.rate = number("rate", 1);
      c.axes = nb::cast<std::vector<int64_t>>(d["axes"]);
    }
    rules.push_back(rule);
  }
  return rules;
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
       [](PySession& s, const Arrays& x, const Arrays& y, Indices indices, int64_t batch,
          const std::vector<double>& learning_rates, const Weights& weights) {
         const auto in = input_views(*s.session, x);
         const auto targets = target_views(*s.session, y, weights);
         const int64_t rows = static_cast<int64_t>(indices.size());
         if (batch < 1 || rows < 1)
           throw EngineError("train_steps needs at least one row, and one in a batch. Received: " +
                             std::to_string(rows) + " rows in batches of " + std::to_string(batch) + ".");
         const size_t steps = static_cast<size_t>(divide_up(rows, batch));
         if (learning_rates.size() != steps)
           throw EngineError("train_steps needs a learning rate for each of " + std::to_string(steps) +
                             " steps. Received: " + std::to_string(learning_rates.size()) + ".");
         std::vector<StepResult> results;
         {
           const Working working;
           for (double learning_rate : learning_rates) {
             const int64_t first = static_cast<int64_t>(results.size()) * batch;
             const Selection selection{indices.data() + first, 0, std::min(batch, rows - first)};
             results.push_back(s.session->train_step(in, targets, selection, learning_rate));
           }
         }
         nb::list listed;
         for (const StepResult& result : results) listed.append(numbers(result));
         return listed;
       },
       "x"_a.noconvert(), "y"_a.noconvert(), "indices"_a.noconvert(), "batch"_a, "learning_rates"_a, "weights"_a)
      .def(
          "test_step",
          [](PySession& s, const Arrays& x, const Arrays& y, int64_t start, int64_t stop, const Weights& weights) {
            const auto in = input_views(*s.session, x);
            const auto targets = target_views(*s.session, y, weights);
            const Selection rows = range(start, stop);
            StepResult result;
            {
              const Working working;
              result = s.session->test_step(in, targets, rows);
            }
            return numbers(result);
          },
          "x"_a.noconvert(), "y"_a.noconvert(), "start"_a, "stop"_a, "weights"_a.noconvert() = nb::none())
      .def(
          "predict",
          [](PySession& s, const Arrays& x, int64_t start, int64_t stop, const MutableArrays& out) {
            const auto in = input_views(*s.session, x);
            const std::vector<void*> to = s.outputs(out, range(start, stop).count);
            const Working working;
            s.session->predict(in, start, stop, to);
          },
          "x"_a.noconvert(), "start"_a, "stop"_a, "out"_a.noconvert())
      .def(
          "gradients",
          [](PySession& s, const Arrays& x, const Arrays& y, const MutableArrays& out, const Weights& weights) {
            const auto in = input_views(*s.session, x);
            const auto targets = target_views(*s.session, y, weights);
            std::vector<void*> buffers;
            if (out.size() != s.session->graph().parameters.size())
              throw EngineError("out must have a buffer for every parameter.");
            for (size_t i = 0; i < out.size(); i++)
              buffers.push_back(buffer(out[i], s.parameter_size(static_cast<int>(i)), s.float64, "out"));
            StepResult result;
            {
              const Working working;
              result = s.session->gradients(in, targets, {nullptr, 0, in.front().rows}, buffers);
            }
            return numbers(result);
          },
          "x"_a.noconvert(), "y"_a.noconvert(), "out"_a, "weights"_a.noconvert() = nb::none())
      .def_prop_ro("last_count", [](const PySession& s) { return waiting(s, &Session::last_count); })
      .def(
          "last_outputs",
          [](const PySession& s, const MutableArrays& out) {
            const std::vector<void*> to = s.outputs(out, s.session->last_count());
            const Working working;
            s.session->last_outputs(to);
          },
          "out"_a.noconvert());
}

void define_optimizer(nb::class_<PySession>& c) {
  c.def(
       "compile",
       [](PySession& s, const std::vector<LossTuple>& losses, const std::string& optimizer, const nb::dict& options,
          const std::vector<bool>& trainable, const std::vector<nb::dict>& rules) {
         const std::vector<LossSpec> specs = loss_specs(losses);
         const OptimizerSpec spec = optimizer_spec(optimizer, options);
         const std::vector<ParameterRule> of_parameters = parameter_rules(rules);
         const Working working;
         s.session->compile(specs, spec, trainable, of_parameters);
       },
       "losses"_a, "optimizer"_a, "options"_a, "trainable"_a, "rules"_a)
      .def("finish_training", [](PySession& s) { waiting(s, &Session::finish_training); })
      .def_prop_rw(
          "product", [](const PySession& s) { return waiting(s, &Session::product); },
          [](PySession& s, double product) { waiting(s, &Session::set_product, product); })
      .def_prop_rw(
          "iterations", [](const PySession& s) { return waiting(s, &Session::iterations); },
          [](PySession& s, int64_t n) { waiting(s, &Session::set_iterations, n); })
      .def_prop_ro("moments", [](const PySession& s) { return waiting(s, &Session::moments); })
      .def(
          "get_moment",
          [](const PySession& s, int moment, int index, MutableArray out) {
            void* to = buffer(out, s.parameter_size(index), s.float64, "out");
            waiting(s, &Session::get_moment, moment, index, to);
          },
          "moment"_a, "index"_a, "out"_a.noconvert())
      .def(
          "set_moment",
          [](PySession& s, int moment, int index, Array value) {
            const void* from = buffer(value, s.parameter_size(index), s.float64, "value");
            waiting(s, &Session::set_moment, moment, index, from);
          },
          "moment"_a, "index"_a, "value"_a.noconvert());
}

// A line a step, packing or update: (stage, kernel, unit, calls, seconds, multiply_adds, bytes).
void define_profile(nb::class_<PySession>& c) {
  c.def(
      "profile",
      [](PySession& s, const std::string& name, const Arrays& x, const Arrays& y, int64_t start, int64_t stop,
         int64_t repeats) {
        const Mode mode = static_cast<Mode>(lookup(mode_names, name, "mode"));
        const auto in = input_views(*s.session, x);
        const auto targets = mode == Mode::predict ? std::vector<TargetView>() : target_views(*s.session, y);
        const Selection rows = range(start, stop);
        ProfileReport report;
        {
          const Working working;
          report = s.session->profile(mode, in, targets, rows, repeats);
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
          const std::string& isa, nb::object host) {
         Graph graph = graph_of(nodes, parameters, std::move(outputs));
         new (self)
             PySession{Session::create(std::move(graph), float64, isa, host_of(std::move(host), float64)), float64};
       },
       "nodes"_a, "parameters"_a, "outputs"_a, "float64"_a, "isa"_a, "host"_a.none())
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
