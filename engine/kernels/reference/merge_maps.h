// Two maps become one (+ ReLU), and the gradients of both.
#pragma once
#include "kernels/args_maps.h"
#include "kernels/reference/maxpool_epilogue.h"

namespace galago::reference {

// Of equal numbers the first is taken; NaN wins.
template <class T>
bool takes_second(Merge kind, T a, T b) {
  return (kind == Merge::maximum ? b > a : a > b) || b != b;
}

template <class T>
T merged(Merge kind, T a, T b) {
  switch (kind) {
    case Merge::add: return a + b;
    case Merge::subtract: return a - b;
    case Merge::multiply: return a * b;
    case Merge::maximum:
    case Merge::minimum: break;
  }
  return takes_second(kind, a, b) ? b : a;
}

template <class T>
void merge_maps(const MergeArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T both =
            merged(a.kind, a.a.data[row * a.a.row + col * a.a.col + c], a.b.data[row * a.b.row + col * a.b.col + c]);
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = a.relu ? relu(both) : both;
      }
}

template <class T>
T merge_gradient(const MergeGradArgs<T>& a, int64_t row, int64_t col, int64_t c) {
  const auto at = [row, col, c](const Map<const T>& m) { return m.data[row * m.row + col * m.col + c]; };
  const T grad = at(a.grad);
  switch (a.kind) {
    case Merge::add: return grad;
    case Merge::subtract: return a.second ? T(0) - grad : grad;
    case Merge::multiply: return grad * at(a.other);
    case Merge::maximum:
    case Merge::minimum: break;
  }
  const bool second =
      a.second ? takes_second(a.kind, at(a.other), at(a.own)) : takes_second(a.kind, at(a.own), at(a.other));
  return second == a.second ? grad : T(0);
}

template <class T>
void merge_backward(const MergeGradArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    T sum = 0;
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++) {
        const T grad = merge_gradient(a, row, col, c);
        if (a.sum) sum += grad;
        else a.grad_own.data[row * a.grad_own.row + col * a.grad_own.col + c] = grad;
      }
    if (a.sum) a.grad_own.data[c] = sum;
  }
}

}  // namespace galago::reference
