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

// What stands around a picture: one number, its outermost pixels, its mirror image (the outermost pixel twice), or the
// picture again.
enum class FillMode : int32_t { constant, nearest, reflect, wrap };

// A picture that shows another one from elsewhere: what stands at (row, col) comes from the place (row, col, 1) times
// the two rows of `places`, between pixels. Forward `from` is the other picture and `to` this one; the gradient goes
// from this one to the other.
template <class T>
struct WarpArgs {
  Map<const T> from;
  Map<T> to;
  int32_t rows, cols, channels;  // of this picture
  int32_t other_rows, other_cols;
  double places[2][3];
  FillMode mode;
  bool nearest;  // takes the pixel next to the place; else a mean of the four around it
  T fill;        // constant
};

// Each channel's values moved away from their mean or towards it, or all of them up or down; then kept within limits.
template <class T>
struct ToneArgs {
  Map<const T> src;
  int32_t rows, cols, channels;
  bool contrast;  // mean + (src - mean) * amount; else src + amount
  T amount, least, most;
  Map<T> dst;         // forward
  Map<const T> grad;  // backward: of the result
  Map<T> grad_src;
};

}  // namespace galago
