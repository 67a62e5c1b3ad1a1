// An optimizer at work: its moments, and how weights follow gradients.
#pragma once
#include <vector>

#include "exec/weights.h"
#include "kernels/table.h"

namespace galago {

struct OptimizerSpec {
  enum class Kind { none, sgd, adam } kind = Kind::none;
  double beta_1 = 0, beta_2 = 0, epsilon = 0;  // Adam
  double momentum = 0;                         // SGD
  bool nesterov = false;
};

template <class T>
class Optimizer {
 public:
  explicit Optimizer(const Kernels<T>& kernels) : kernels_(kernels) {}
  // From the start again: moments are zero. `trainable` says which parameters change, statistics never do.
  void compile(const OptimizerSpec& spec, const std::vector<ParameterPlan>& parameters,
               const std::vector<bool>& trainable);

  bool exists() const { return spec_.kind != OptimizerSpec::Kind::none; }
  KernelId kernel() const {
    return spec_.kind == OptimizerSpec::Kind::adam ? KernelId::adam_update : KernelId::sgd_update;
  }
  bool updates(int parameter) const { return updates_[static_cast<size_t>(parameter)]; }

  // Adam: m and v; SGD with momentum: one.
  std::vector<ParameterArena<T>>& moments() { return moments_; }
  const std::vector<ParameterArena<T>>& moments() const { return moments_; }
  int64_t iterations() const { return iterations_; }
  void set_iterations(int64_t n) { iterations_ = n; }

  // A step: first its rate, then every weight once, from the sums of one gradient or of several that are to be added,
  // then it counts.
  void start_step(double learning_rate);
  // `count` elements of a parameter from `first` on, both whole blocks. grads: of the first one.
  void update(const ParameterArena<T>& weights, const ParameterPlan& p, int64_t first, int64_t count,
              const T* const* grads, int shards) const;
  void end_step() { iterations_++; }

 private:
  const Kernels<T>& kernels_;
  OptimizerSpec spec_;
  std::vector<bool> updates_;
  std::vector<ParameterArena<T>> moments_;
  int64_t iterations_ = 0;
  double rate_ = 0;
};

}  // namespace galago
