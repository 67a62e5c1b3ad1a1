// An optimizer at work: its moments, and how weights follow gradients.
#pragma once
#include <vector>

#include "exec/optimizer_spec.h"
#include "exec/weights.h"
#include "kernels/table.h"

namespace galago {

template <class T>
struct UpdateKernel {
  KernelId id = KernelId::sgd_update;
  void (*run)(const UpdateArgs<T>&) = nullptr;
};

template <class T>
class Optimizer {
 public:
  explicit Optimizer(const Kernels<T>& kernels) : kernels_(kernels) {}
  // From the start again. `trainable` says which parameters change, statistics never do; a rule for each parameter.
  void compile(const OptimizerSpec& spec, const std::vector<ParameterPlan>& parameters,
               const std::vector<bool>& trainable, const std::vector<ParameterRule>& rules);

  bool exists() const { return spec_.kind != OptimizerSpec::Kind::none; }
  bool updates(int parameter) const { return updates_[static_cast<size_t>(parameter)]; }
  const ParameterRule& rule(int parameter) const { return rules_[static_cast<size_t>(parameter)]; }
  // The optimizer's own kernel, and all that work on a parameter, in their order.
  KernelId kernel() const { return own_.id; }
  std::vector<KernelId> kernels(int parameter) const;

  // What these weights add to the loss.
  double penalty(const ParameterArena<T>& weights) const;

  // Numbers kept for each weight, in Keras's order; the moving average of weights is the last one.
  std::vector<ParameterArena<T>>& moments() { return moments_; }
  const std::vector<ParameterArena<T>>& moments() const { return moments_; }
  bool averages() const { return spec_.use_ema; }
  int64_t iterations() const { return iterations_; }
  void set_iterations(int64_t n) { iterations_ = n; }
  // Nadam's product of momenta, 1 at the start.
  T product() const { return product_; }
  void set_product(T product) { product_ = product; }

  // A step: first its rate. Then, if norms are clipped, gather() for every gradient and clip() with their sums of
  // squares. Then every weight once, from the sums of one gradient or of several that are to be added; then it counts.
  void start_step(double learning_rate);
  bool clips_norms() const { return spec_.clipnorm > 0 || spec_.global_clipnorm > 0; }
  void gather(const ParameterArena<T>& weights, int parameter, int64_t first, int64_t count, T* const* grads,
              int shards) const;
  void clip(const std::vector<double>& squares);
  // `count` elements of a parameter from `first` on, both whole blocks. grads: of the first one; they may be
  // overwritten.
  void update(const ParameterArena<T>& weights, int parameter, int64_t first, int64_t count, T* const* grads,
              int shards) const;
  void end_step();

 private:
  bool decays(int parameter) const { return spec_.weight_decay != 0 && rule(parameter).decays; }
  bool prepares(int parameter) const;
  UpdateArgs<T> arguments(T* weights, const ParameterPlan& p, int64_t first) const;
  T* moment(size_t which, const ParameterPlan& p, int64_t first) const { return moments_[which].at(p) + first; }

  const Kernels<T>& kernels_;
  OptimizerSpec spec_;
  UpdateKernel<T> own_;
  std::vector<ParameterPlan> parameters_;
  std::vector<ParameterRule> rules_;
  std::vector<bool> updates_;
  std::vector<ParameterArena<T>> moments_;
  int64_t iterations_ = 0;
  T product_ = 1;
  // Of the present step.
  double rate_ = 0, decay_ = 0;
  T next_product_ = 1, of_moment_ = 0, of_gradient_ = 0, of_velocity_ = 0;
  std::vector<T> scales_;  // of the parameters' gradients
};

}  // namespace galago
