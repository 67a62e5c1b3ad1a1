#include "exec/optimizer.h"

#include <algorithm>
#include <cmath>

namespace galago {
namespace {

// x to a whole power by repeated squaring: the same bits with every C library.
double power(double x, int64_t n) {
  double result = 1;
  for (; n > 0; n >>= 1, x *= x)
    if (n & 1) result *= x;
  return result;
}

int moment_count(const OptimizerSpec& spec) {
  switch (spec.kind) {
    case OptimizerSpec::Kind::adam: return 2;
    case OptimizerSpec::Kind::sgd: return spec.momentum != 0 ? 1 : 0;
    case OptimizerSpec::Kind::none: return 0;
  }
  return 0;
}

}  // namespace

template <class T>
void Optimizer<T>::compile(const OptimizerSpec& spec, const std::vector<ParameterPlan>& parameters,
                           const std::vector<bool>& trainable) {
  spec_ = spec;
  updates_.clear();
  for (size_t i = 0; i < parameters.size(); i++) updates_.push_back(trainable[i] && !parameters[i].statistic);
  moments_.clear();
  for (int i = 0; i < moment_count(spec); i++) moments_.emplace_back(parameters);
  iterations_ = 0;
}

template <class T>
void Optimizer<T>::start_step(double learning_rate) {
  rate_ = learning_rate;
  if (spec_.kind == OptimizerSpec::Kind::adam)
    rate_ *= std::sqrt(1 - power(spec_.beta_2, iterations_ + 1)) / (1 - power(spec_.beta_1, iterations_ + 1));
}

template <class T>
void Optimizer<T>::update(const ParameterArena<T>& weights, const ParameterPlan& p, int64_t first, int64_t count,
                          const T* const* grads, int shards) const {
  UpdateArgs<T> a{};
  a.weights = weights.at(p) + first;
  a.shards = shards;
  std::copy_n(grads, shards, a.grads);
  a.count = count;
  if (moments_.size() > 0) a.first = moments_[0].at(p) + first;
  if (moments_.size() > 1) a.second = moments_[1].at(p) + first;
  a.rate = static_cast<T>(rate_);
  a.rest_1 = static_cast<T>(1 - spec_.beta_1);
  a.rest_2 = static_cast<T>(1 - spec_.beta_2);
  a.epsilon = static_cast<T>(spec_.epsilon);
  a.momentum = static_cast<T>(spec_.momentum);
  a.nesterov = spec_.nesterov;
  if (spec_.kind == OptimizerSpec::Kind::adam) kernels_.adam_update(a);
  else kernels_.sgd_update(a);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace galago
