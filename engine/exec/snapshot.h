// What training changes, kept to be put back.
#pragma once
#include <vector>

#include "exec/optimizer.h"
#include "exec/weights.h"

namespace galago {

template <class T>
class Snapshot {
 public:
  Snapshot(const ParameterArena<T>& weights, const Optimizer<T>& optimizer)
      : weights_(weights.copy()), iterations_(optimizer.iterations()), product_(optimizer.product()) {
    for (const ParameterArena<T>& moment : optimizer.moments()) moments_.push_back(moment.copy());
  }
  void restore(const ParameterArena<T>& weights, Optimizer<T>& optimizer) const {
    weights.copy_from(weights_);
    for (size_t i = 0; i < moments_.size(); i++) optimizer.moments()[i].copy_from(moments_[i]);
    optimizer.set_iterations(iterations_);
    optimizer.set_product(product_);
  }

 private:
  ParameterArena<T> weights_;
  std::vector<ParameterArena<T>> moments_;
  int64_t iterations_;
  T product_;
};

}  // namespace galago
