// The parameters of a model in the engine's layout, and the way from and to Keras's.
#pragma once
#include <algorithm>

#include "base/memory.h"
#include "plan/plan.h"

namespace galago {

// Calls f(engine index, Keras index) for every element of a parameter.
template <class F>
void for_each_element(const ParameterPlan& p, F&& f) {
  if (p.layout == WeightLayout::vector) {
    for (int64_t i = 0; i < p.outputs; i++) f(i, i);
    return;
  }
  const int64_t all_outputs = p.groups * p.outputs;
  for (int64_t g = 0; g < p.groups; g++)
    for (int64_t tap = 0; tap < p.taps; tap++)
      for (int64_t c = 0; c < p.inputs; c++)
        for (int64_t o = 0; o < p.outputs; o++) {
          const int64_t at = p.layout == WeightLayout::ohwi ? (o * p.taps + tap) * padded(p.inputs) + c
                                                            : (tap * p.inputs + c) * padded(p.outputs) + o;
          const int64_t keras = p.transposed ? ((p.taps - 1 - tap) * p.outputs + o) * p.inputs + c
                                             : (tap * p.inputs + c) * all_outputs + g * p.outputs + o;
          f(g * p.group_elements() + at, keras);
        }
}

// One number for each element of each parameter: the weights, or one of the optimizer's moments.
template <class T>
class ParameterArena {
 public:
  ParameterArena() = default;
  explicit ParameterArena(const std::vector<ParameterPlan>& plans) {
    int64_t sharded = 0, batch = 0;
    for (const ParameterPlan& p : plans) {
      int64_t& end = p.sharded ? sharded : batch;
      if (p.offset + padded(p.elements) > end) end = p.offset + padded(p.elements);
    }
    sharded_ = Memory((sharded + kBlock) * static_cast<int64_t>(sizeof(T)));
    batch_ = Memory((batch + kBlock) * static_cast<int64_t>(sizeof(T)));
  }
  // Every number the same, those between parameters too.
  void fill(T value) const {
    for (const Memory* part : {&sharded_, &batch_})
      std::fill_n(part->template as<T>(), part->bytes() / static_cast<int64_t>(sizeof(T)), value);
  }
  ParameterArena copy() const {
    ParameterArena other;
    other.sharded_ = Memory(sharded_.bytes());
    other.batch_ = Memory(batch_.bytes());
    other.copy_from(*this);
    return other;
  }
  void copy_from(const ParameterArena& other) const {
    std::memcpy(sharded_.as<char>(), other.sharded_.template as<char>(), static_cast<size_t>(sharded_.bytes()));
    std::memcpy(batch_.as<char>(), other.batch_.template as<char>(), static_cast<size_t>(batch_.bytes()));
  }
  T* at(const ParameterPlan& p) const { return (p.sharded ? sharded_ : batch_).template as<T>() + p.offset; }
  void set(const ParameterPlan& p, const T* keras) const {
    T* engine = at(p);
    for_each_element(p, [&](int64_t e, int64_t k) { engine[e] = keras[k]; });
  }
  void get(const ParameterPlan& p, T* keras) const {
    const T* engine = at(p);
    for_each_element(p, [&](int64_t e, int64_t k) { keras[k] = engine[e]; });
  }

 private:
  Memory sharded_, batch_;
};

}  // namespace galago
