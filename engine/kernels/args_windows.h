// Arguments of the kernels for pictures: rows of numbers with neighbouring positions in the lanes, channels side by
// side.
#pragma once
#include "kernels/args.h"

namespace galago {

// Every number of a row from a window of numbers: their weighted sum, or the largest or smallest.
template <class T>
struct WindowArgs {
  Merge kind;           // add, maximum or minimum
  const T* src;         // what a tap of offset 0 reads for output (0, 0)
  int64_t src_row;      // from one row of outputs to the next
  const int64_t* taps;  // offsets, in the order of the sum
  const T* weights;     // of a sum, for each tap
  int64_t tap_count;
  T scale;      // of a sum: times this ...
  bool divide;  // ... or divided by it
  T low, high;  // what all results are limited to; NaN stays
  T* dst;
  int64_t dst_row;
  int64_t rows, cols;  // outputs; whole blocks of columns are read and written
};

// Pixels of a row as the user wants them: every step-th one, as T or as a byte without what stands behind the point.
template <class T>
struct PixelArgs {
  const T* src;
  int64_t channels, step, pixels;
  void* dst;
  bool bytes;
};

}  // namespace galago
