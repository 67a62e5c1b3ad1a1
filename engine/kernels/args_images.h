// Arguments of the kernels that make one picture of another: resized, turned, or of other brightness.
#pragma once
#include "kernels/args.h"

namespace galago {

// What each position of an axis is a sum of: positions first[i], first[i] + 1, ... of the source, as many as there are
// weights from starts[i] to starts[i + 1]; and the share of what lies outside of the source.
struct AxisWeights {
  const int32_t* first;
  const int32_t* starts;
  const double* weights;
  const double* outside;
};

// Each position a weighted sum of a rectangle of the source. The gradient goes the same way, with the weights turned
// round.
template <class T>
struct ResizeArgs {
  Map<const T> src;
  Map<T> dst;
  int32_t rows, cols, channels;
  AxisWeights by_row, by_col;
  double fill;  // what lies outside of the source
};

}  // namespace galago
