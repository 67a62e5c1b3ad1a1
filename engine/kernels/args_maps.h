// Arguments of the kernels that put the elements of maps in other places, join maps, or go by a position's channels.
#pragma once
#include "kernels/args.h"

namespace galago {

// Two maps become one, over whole blocks of channels. A map of one position goes with all of them: its row and col are
// 0 then.
template <class T>
struct MergeArgs {
  Merge kind;
  Map<const T> a, b;
  Map<T> dst;
  int32_t rows, cols, channels;
  bool relu;
};

// The gradient of one of the two.
template <class T>
struct MergeGradArgs {
  Merge kind;
  bool second;              // it is that of the second one
  Map<const T> own, other;  // the two, where the gradient depends on them
  Map<const T> grad;        // of the result
  Map<T> grad_own;
  int32_t rows, cols, channels;
  bool sum;  // over all positions, in row-major order: `grad_own` has one
};

// Three axes that are walked in row-major order.
struct Axes {
  int64_t count[3], stride[3];
};

// As many elements on both sides.
template <class T>
struct ReorderArgs {
  const T* src;
  T* dst;
  Axes from, to;
};

// What is done to each element depends on a draw, which is a function of seed, step, sample and element alone.
template <class T>
struct DrawArgs {
  Map<const T> src;
  Map<T> dst;
  int32_t rows, cols, channels;
  int64_t draw_row, draw_col;  // draws are numbered by row * draw_row + col * draw_col, then the channel
  uint64_t seed, step;
  uint32_t sample;  // row in the batch
};

// Some of the elements set to zero, the others scaled so that the mean stays. The gradient goes the same way as the
// values.
template <class T>
struct DropoutArgs : DrawArgs<T> {
  uint32_t threshold;  // dropped below it: rate * 2^32
  T scale;             // 1 / (1 - rate)
};

// Normal numbers of this deviation are added.
template <class T>
struct NoiseArgs : DrawArgs<T> {
  T deviation;
};

// The channels of each position normalized by their own mean and variance.
template <class T>
struct LayerNormArgs {
  Map<const T> src;
  int32_t rows, cols, channels;
  const T* gamma;  // null: 1
  const T* beta;   // null: 0
  T epsilon;
  Map<T> dst;         // forward
  Map<const T> grad;  // backward: of the result
  Map<T> grad_src;    // backward_input
  T* grad_gamma;      // backward_weights, added to; null: none
  T* grad_beta;       // null: none
};

}  // namespace galago
