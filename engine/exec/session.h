// A model in the engine: its graph, weights and optimizer, and the plans it has been asked for.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exec/optimizer.h"
#include "exec/profile.h"
#include "plan/plan.h"

namespace galago {

// The user's samples: C-contiguous rows of the graph's input shape.
struct InputView {
  const void* data = nullptr;
  InputType type = InputType::f32;
  int64_t rows = 0;
};

// The user's targets: labels, or rows of numbers.
struct TargetView {
  const int64_t* labels = nullptr;
  const void* values = nullptr;
  InputType type = InputType::f32;
  int64_t rows = 0, cols = 0;
  const void* weights = nullptr;  // how much each row counts, or each place of a map; null: all the same
  InputType weight_type = InputType::f32;
  int64_t weight_cols = 0;
};

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

struct StepResult {
  double loss = 0, accuracy = 0;  // of the batch: the loss reduced as it was compiled, the mean accuracy
};

// One element type of Session, chosen at run time. Calls from several threads wait for each other.
class Session {
 public:
  virtual ~Session() = default;
  // The fastest ISA where `isa` is empty.
  static std::unique_ptr<Session> create(Graph graph, bool float64, const std::string& isa);

  virtual const Graph& graph() const = 0;
  virtual const char* isa() const = 0;
  virtual void get_parameter(int index, void* keras) const = 0;
  virtual void set_parameter(int index, const void* keras) = 0;
  virtual void compile(const LossSpec& loss, const OptimizerSpec& optimizer, const std::vector<bool>& trainable) = 0;
  virtual StepResult train_step(const InputView& x, const TargetView& y, const Selection& rows,
                                double learning_rate) = 0;
  virtual StepResult test_step(const InputView& x, const TargetView& y, const Selection& rows) = 0;
  virtual void predict(const InputView& x, int64_t start, int64_t stop, void* out) = 0;
  // Of the reduced loss, for every parameter in turn, zeros where it is not trainable.
  virtual StepResult gradients(const InputView& x, const TargetView& y, const Selection& rows,
                               const std::vector<void*>& out) = 0;
  virtual int64_t last_count() const = 0;
  // Of the last step, which must have had this many rows.
  virtual void last_outputs(void* out, int64_t rows) const = 0;
  virtual std::string plan(Mode mode) const = 0;
  // Clocks every kernel over some repetitions of a step; weights and optimizer are as before afterwards.
  virtual ProfileReport profile(Mode mode, const InputView& x, const TargetView& y, const Selection& rows,
                                int64_t repeats) = 0;

  virtual int64_t iterations() const = 0;
  virtual void set_iterations(int64_t n) = 0;
  // Adam: 0 and 1; SGD with momentum: 0.
  virtual int moments() const = 0;
  virtual void get_moment(int moment, int parameter, void* keras) const = 0;
  virtual void set_moment(int moment, int parameter, const void* keras) = 0;
};

}  // namespace galago
