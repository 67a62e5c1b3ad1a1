// A model in the engine: its graph, weights and optimizer, and the plans it has been asked for.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exec/executor.h"
#include "exec/optimizer.h"
#include "exec/profile.h"
#include "plan/plan.h"

namespace galago {

// Which rows: the given ones, or a range.
struct Selection {
  const int64_t* indices = nullptr;
  int64_t first = 0, count = 0;
  int64_t row(int64_t i) const { return indices ? indices[i] : first + i; }
};

struct ProfileReport {
  double seconds = 0;  // from the first step's start to the last one's end
  int threads = 1;
  std::vector<ProfileLine> lines;
};

struct OutputResult {
  double loss = 0, accuracy = 0;  // means over the batch
};
struct StepResult {
  double loss = 0;  // of all outputs, each by its weight, with what penalties of weights add
  std::vector<OutputResult> outputs;
};

// One for each input or output of the graph.
using Inputs = std::span<const InputView>;
using TargetViews = std::span<const TargetView>;

// One element type of Session, chosen at run time. Calls from several threads wait for each other.
class Session {
 public:
  virtual ~Session() = default;
  // The fastest ISA where `isa` is empty.
  static std::unique_ptr<Session> create(Graph graph, bool float64, const std::string& isa, std::unique_ptr<Host> host);

  virtual const Graph& graph() const = 0;
  virtual const char* isa() const = 0;
  virtual void get_parameter(int index, void* keras) const = 0;
  virtual void set_parameter(int index, const void* keras) = 0;
  // `losses`: one for each output; `trainable` and `rules`: a value for each parameter.
  virtual void compile(const std::vector<LossSpec>& losses, const OptimizerSpec& optimizer,
                       const std::vector<bool>& trainable, const std::vector<ParameterRule>& rules) = 0;
  virtual StepResult train_step(Inputs x, TargetViews y, const Selection& rows, double learning_rate) = 0;
  // What training ends with: weights become their moving average, if there is one.
  virtual void finish_training() = 0;
  virtual StepResult test_step(Inputs x, TargetViews y, const Selection& rows) = 0;
  virtual void predict(Inputs x, int64_t start, int64_t stop, const std::vector<void*>& out) = 0;
  // Of the reduced loss, for every parameter in turn, zeros where it is not trainable.
  virtual StepResult gradients(Inputs x, TargetViews y, const Selection& rows, const std::vector<void*>& out) = 0;
  virtual int64_t last_count() const = 0;
  // Of the last step.
  virtual void last_outputs(const std::vector<void*>& out) const = 0;
  virtual std::string plan(Mode mode) const = 0;
  // Clocks every kernel over some repetitions of a step; weights and optimizer are as before afterwards.
  virtual ProfileReport profile(Mode mode, Inputs x, TargetViews y, const Selection& rows, int64_t repeats) = 0;

  virtual int64_t iterations() const = 0;
  virtual void set_iterations(int64_t n) = 0;
  // Nadam's product of momenta.
  virtual double product() const = 0;
  virtual void set_product(double product) = 0;
  // Numbers kept for each weight: Adam 0 and 1, SGD with momentum 0, the moving average of weights last.
  virtual int moments() const = 0;
  virtual void get_moment(int moment, int parameter, void* keras) const = 0;
  virtual void set_moment(int moment, int parameter, const void* keras) = 0;
};

}  // namespace galago
