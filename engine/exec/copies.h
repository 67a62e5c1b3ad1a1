// Layers that are called again: each use of a weight has a copy of its own, see give_copies.
#pragma once
#include <cstring>

#include "exec/executor.h"
#include "exec/weights.h"

namespace galago {

// Calls f(original, copy) for every copy, in the order of their uses.
template <class F>
void for_copies(const std::vector<ParameterPlan>& parameters, const F& f) {
  for (const ParameterPlan& p : parameters)
    if (p.original >= 0) f(parameters[static_cast<size_t>(p.original)], p);
}

// All uses of a weight see the same value.
template <class T>
void renew_copies(const std::vector<ParameterPlan>& parameters, const ParameterArena<T>& weights) {
  for_copies(parameters, [&](const ParameterPlan& p, const ParameterPlan& copy) {
    std::memcpy(weights.at(copy), weights.at(p), static_cast<size_t>(p.elements) * sizeof(T));
  });
}

// What all uses say about a gradient is added.
template <class T>
void gather_copies(const std::vector<ParameterPlan>& parameters, const Executor<T>& e) {
  for_copies(parameters, [&](const ParameterPlan& p, const ParameterPlan& copy) {
    if (p.statistic) return;
    for (int s = 0; s < (p.sharded ? e.shards() : 1); s++) {
      T* sum = e.gradient(p, s);
      const T* other = e.gradient(copy, s);
      for (int64_t i = 0; i < p.elements; i++) sum[i] += other[i];
    }
  });
}

// Moving means and variances become what the step has found, in the last of several calls.
template <class T>
void move_statistics(const std::vector<ParameterPlan>& parameters, const ParameterArena<T>& weights,
                     const Executor<T>& e) {
  for (const Unit& u : e.plan().units)
    if (u.learns_statistics())
      for (int i : {u.mean, u.variance}) {
        const ParameterPlan& p = parameters[static_cast<size_t>(i)];
        const ParameterPlan& original = p.original < 0 ? p : parameters[static_cast<size_t>(p.original)];
        std::memcpy(weights.at(original), e.gradient(p, 0), static_cast<size_t>(p.elements) * sizeof(T));
      }
}

}  // namespace galago
