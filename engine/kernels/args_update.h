// The arguments of the kernels that change weights.
#pragma once
#include "kernels/args.h"

namespace galago {

// What an optimizer does with a gradient. Which numbers are kept for each weight, and so what `first` to `third` are,
// is said where a kernel is.
template <class T>
struct UpdateArgs {
  T* weights;
  const T* grads[kMaxShards];
  int32_t shards;
  int64_t count;  // a multiple of 16
  T* first;
  T* second;
  T* third;
  T rate;              // the learning rate; Adam, Adamax: with the bias corrections in it
  T decay_1, decay_2;  // beta_1 and beta_2; rho
  T rest_1, rest_2;    // 1 - beta_1 and 1 - beta_2, 1 - rho, rounded once
  T epsilon, momentum;
  T of_moment, of_gradient;  // Nadam: their shares of a step, with the bias corrections in them
  T of_velocity;             // Nadam: the bias correction of v
  bool nesterov;
};

// The gradient that an optimizer sees: that of the loss, and that of penalties on the weights.
template <class T>
struct GradientArgs {
  const T* weights;
  const T* grads[kMaxShards];
  int32_t shards;
  int64_t count;  // a multiple of 16
  T l1, twice_l2;
  T* sum;  // may be one of grads
};

// A gradient that is made smaller, and weights that decay, before an update.
template <class T>
struct ClipArgs {
  T* weights;
  T* grad;
  int64_t count;  // a multiple of 16
  T scale;        // of the gradient; then no element may be larger than
  T limit;
  T decay;  // the part that the weights lose
};

// Elements of a parameter, without the padding behind each row.
template <class T>
struct SumsArgs {
  const T* values;
  int64_t rows, row, used;  // elements of a row with and without padding
  T* magnitudes;            // 16 sums of |x|, of the elements of every 16th column
  T* squares;               // 16 sums of x * x
};

// The moving average of weights.
template <class T>
struct AverageArgs {
  T* weights;
  T* average;
  int64_t count;  // a multiple of 16
  T momentum, rest;
  bool overwrite;  // the weights become their average
};

}  // namespace galago
