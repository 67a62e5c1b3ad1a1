// Sums over whole parameters: what norms and penalties are made of.
#pragma once
#include <vector>

#include "kernels/table.h"
#include "plan/plan.h"

namespace galago {

struct Sums {
  double magnitudes = 0, squares = 0;  // of |x| and of x * x
};

template <class T>
struct Summand {
  const ParameterPlan* plan;
  const T* values;  // in the parameter's layout
};

// Of each parameter in turn. It is summed in pieces of whole rows, each by the 16 lanes of the kernel; lanes and then
// pieces are added in their order, in double. So the bits depend on the shape alone, not on threads.
template <class T>
std::vector<Sums> sum_parameters(const Kernels<T>& kernels, const std::vector<Summand<T>>& parameters);

}  // namespace galago
