#include "exec/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "exec/sums.h"

namespace galago {
namespace {

using Kind = OptimizerSpec::Kind;

// x to a whole power by repeated squaring: the same bits with every C library.
double power(double x, int64_t n) {
  double result = 1;
  for (; n > 0; n >>= 1, x *= x)
    if (n & 1) result *= x;
  return result;
}

// Numbers that an optimizer keeps for each weight, the moving average of weights aside.
int moment_count(const OptimizerSpec& spec) {
  switch (spec.kind) {
    case Kind::sgd: return spec.momentum != 0 ? 1 : 0;
    case Kind::adam: return spec.amsgrad ? 3 : 2;
    case Kind::rmsprop: return 1 + (spec.momentum != 0 ? 1 : 0) + (spec.centered ? 1 : 0);
    case Kind::adadelta:
    case Kind::adamax:
    case Kind::nadam: return 2;
    case Kind::adagrad:
    case Kind::lion: return 1;
    case Kind::none: return 0;
  }
  return 0;
}

template <class T>
UpdateKernel<T> own_kernel(const OptimizerSpec& spec, const Kernels<T>& kernels) {
  switch (spec.kind) {
    case Kind::adam:
      if (spec.amsgrad) return {KernelId::amsgrad_update, kernels.amsgrad_update};
      return {KernelId::adam_update, kernels.adam_update};
    case Kind::rmsprop: return {KernelId::rmsprop_update, kernels.rmsprop_update};
    case Kind::adagrad: return {KernelId::adagrad_update, kernels.adagrad_update};
    case Kind::adadelta: return {KernelId::adadelta_update, kernels.adadelta_update};
    case Kind::adamax: return {KernelId::adamax_update, kernels.adamax_update};
    case Kind::nadam: return {KernelId::nadam_update, kernels.nadam_update};
    case Kind::lion: return {KernelId::lion_update, kernels.lion_update};
    case Kind::sgd:
    case Kind::none: break;
  }
  return {KernelId::sgd_update, kernels.sgd_update};
}

// Nadam's momentum of a step.
double momentum_of(const OptimizerSpec& spec, int64_t step) { return spec.beta_1 * (1 - 0.5 * power(0.96, step)); }

}  // namespace

template <class T>
void Optimizer<T>::compile(const OptimizerSpec& spec, const std::vector<ParameterPlan>& parameters,
                           const std::vector<bool>& trainable, const std::vector<ParameterRule>& rules) {
  spec_ = spec;
  own_ = own_kernel(spec, kernels_);
  parameters_ = parameters;
  rules_ = rules;
  updates_.clear();
  for (size_t i = 0; i < parameters.size(); i++) updates_.push_back(trainable[i] && !parameters[i].statistic);
  moments_.clear();
  for (int i = 0; i < moment_count(spec) + (spec.use_ema ? 1 : 0); i++) moments_.emplace_back(parameters);
  if (spec.kind == Kind::adagrad) moments_[0].fill(static_cast<T>(spec.initial_accumulator_value));
  iterations_ = 0;
  product_ = 1;
  scales_.assign(parameters.size(), T(1));
}

template <class T>
std::vector<KernelId> Optimizer<T>::kernels(int parameter) const {
  std::vector<KernelId> found;
  if (prepares(parameter)) found.push_back(KernelId::regularized_gradient);
  if (clips_norms()) found.push_back(KernelId::sum_magnitudes);
  if (prepares(parameter)) found.push_back(KernelId::clip_and_decay);
  found.push_back(own_.id);
  if (spec_.use_ema) found.push_back(KernelId::average_weights);
  return found;
}

// Whether a gradient is changed, or a weight, before the optimizer's own rule.
template <class T>
bool Optimizer<T>::prepares(int parameter) const {
  return clips_norms() || spec_.clipvalue > 0 || decays(parameter) || rule(parameter).penalized();
}

template <class T>
double Optimizer<T>::penalty(const ParameterArena<T>& weights) const {
  std::vector<const ParameterRule*> rules;
  std::vector<Summand<T>> penalized;
  for (size_t i = 0; i < parameters_.size(); i++) {
    if (!updates_[i] || !rules_[i].penalized()) continue;
    rules.push_back(&rules_[i]);
    penalized.push_back({&parameters_[i], weights.at(parameters_[i])});
  }
  const std::vector<Sums> sums = sum_parameters(kernels_, penalized);
  double all = 0;
  for (size_t i = 0; i < sums.size(); i++) all += rules[i]->l1 * sums[i].magnitudes + rules[i]->l2 * sums[i].squares;
  return all;
}

template <class T>
void Optimizer<T>::start_step(double learning_rate) {
  const int64_t step = iterations_ + 1;
  rate_ = learning_rate;
  decay_ = learning_rate * spec_.weight_decay;
  if (spec_.kind == Kind::adam) rate_ *= std::sqrt(1 - power(spec_.beta_2, step)) / (1 - power(spec_.beta_1, step));
  if (spec_.kind == Kind::adamax) rate_ /= 1 - power(spec_.beta_1, step);
  if (spec_.kind != Kind::nadam) return;
  const double now = momentum_of(spec_, step), next = momentum_of(spec_, step + 1);
  next_product_ = static_cast<T>(static_cast<double>(product_) * now);
  const double product = static_cast<double>(next_product_);
  of_moment_ = static_cast<T>(next / (1 - product * next));
  of_gradient_ = static_cast<T>((1 - now) / (1 - product));
  of_velocity_ = static_cast<T>(1 / (1 - power(spec_.beta_2, step)));
}

template <class T>
void Optimizer<T>::end_step() {
  iterations_++;
  if (spec_.kind == Kind::nadam) product_ = next_product_;
}

template <class T>
void Optimizer<T>::gather(const ParameterArena<T>& weights, int parameter, int64_t first, int64_t count,
                          T* const* grads, int shards) const {
  GradientArgs<T> a{};
  a.weights = weights.at(parameters_[static_cast<size_t>(parameter)]) + first;
  a.shards = shards;
  std::copy_n(grads, shards, a.grads);
  a.count = count;
  a.l1 = static_cast<T>(rule(parameter).l1);
  a.twice_l2 = static_cast<T>(2 * rule(parameter).l2);
  a.sum = grads[0];
  kernels_.regularized_gradient(a);
}

// Keras's rules: a gradient whose norm is infinite becomes zero if it is clipped by itself, and NaN if all are.
template <class T>
void Optimizer<T>::clip(const std::vector<double>& squares) {
  double all = 0;
  for (double sum : squares) all += sum;
  for (size_t i = 0; i < squares.size(); i++) {
    const double most = spec_.clipnorm > 0 ? spec_.clipnorm : spec_.global_clipnorm;
    const double norm = std::sqrt(spec_.clipnorm > 0 ? squares[i] : all);
    double scale = norm <= most ? 1 : most / norm;  // NaN where the norm is
    if (spec_.clipnorm <= 0 && !std::isfinite(norm)) scale = std::numeric_limits<double>::quiet_NaN();
    scales_[i] = static_cast<T>(scale);
  }
}

template <class T>
UpdateArgs<T> Optimizer<T>::arguments(T* weights, const ParameterPlan& p, int64_t first) const {
  UpdateArgs<T> a{};
  a.weights = weights;
  const bool rms = spec_.kind == Kind::rmsprop;
  const size_t own = moments_.size() - (spec_.use_ema ? 1 : 0);
  if (own > 0) a.first = moment(0, p, first);
  if (own > 1 && !(rms && spec_.momentum == 0)) a.second = moment(1, p, first);
  if (own > 2 || (rms && spec_.centered)) a.third = moment(own - 1, p, first);
  a.rate = static_cast<T>(rate_);
  const bool averaged = rms || spec_.kind == Kind::adadelta;
  a.decay_1 = static_cast<T>(averaged ? spec_.rho : spec_.beta_1);
  a.rest_1 = static_cast<T>(1 - (averaged ? spec_.rho : spec_.beta_1));
  a.decay_2 = static_cast<T>(spec_.beta_2);
  a.rest_2 = static_cast<T>(1 - spec_.beta_2);
  a.epsilon = static_cast<T>(spec_.epsilon);
  a.momentum = static_cast<T>(spec_.momentum);
  a.nesterov = spec_.nesterov;
  a.of_moment = of_moment_, a.of_gradient = of_gradient_, a.of_velocity = of_velocity_;
  return a;
}

template <class T>
void Optimizer<T>::update(const ParameterArena<T>& weights, int parameter, int64_t first, int64_t count,
                          T* const* grads, int shards) const {
  const ParameterPlan& p = parameters_[static_cast<size_t>(parameter)];
  T* const w = weights.at(p) + first;
  if (prepares(parameter)) {
    if (!clips_norms()) gather(weights, parameter, first, count, grads, shards);
    shards = 1;
    const T limit = spec_.clipvalue > 0 ? static_cast<T>(spec_.clipvalue) : std::numeric_limits<T>::infinity();
    const T decay = decays(parameter) ? static_cast<T>(decay_) : T(0);
    kernels_.clip_and_decay({w, grads[0], count, scales_[static_cast<size_t>(parameter)], limit, decay});
  }
  UpdateArgs<T> a = arguments(w, p, first);
  a.shards = shards;
  std::copy_n(grads, shards, a.grads);
  a.count = count;
  own_.run(a);
  if (!spec_.use_ema) return;
  const double momentum = iterations_ > 0 ? spec_.ema_momentum : 0;
  const int64_t often = spec_.ema_overwrite_frequency;
  const bool overwrite = often > 0 && (iterations_ + 1) % often == 0;
  kernels_.average_weights({w, moment(moments_.size() - 1, p, first), count, static_cast<T>(momentum),
                            static_cast<T>(1 - momentum), overwrite});
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace galago
