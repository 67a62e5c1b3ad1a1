// Dense layers: dst = src x weights + bias, and its gradients.
#pragma once
#include "kernels/reference/maxpool_epilogue.h"

namespace galago::reference {

// Chains go over the inputs of a part; then part after part is added, then the bias.
template <class T>
void dense_forward(const DenseArgs<T>& a) {
  for (int64_t r = 0; r < a.rows; r++)
    for (int64_t o = 0; o < a.outputs; o++) {
      T total = 0;
      for (int64_t part = a.first_part; part < a.last_part; part++) {
        T sum = 0;
        for (int64_t k = dense_part(a.inputs, a.parts, part); k < dense_part(a.inputs, a.parts, part + 1); k++)
          sum = std::fma(a.src[a.src_rows[r] * a.src_row + k], a.weights[k * a.weights_row + o], sum);
        total = part == a.first_part ? sum : total + sum;
      }
      if (a.bias) total += a.bias[o];
      a.dst[r * a.dst_row + o] = a.relu ? relu(total) : total;
    }
}

template <class T>
void dense_add_parts(const DensePartsArgs<T>& a) {
  for (int64_t r = 0; r < a.rows; r++)
    for (int64_t o = 0; o < a.outputs; o++) {
      const T* sums = a.src + r * a.src_row + o;
      T total = sums[0];
      for (int64_t part = 1; part < a.parts; part++) total += sums[part * padded(a.outputs)];
      if (a.bias) total += a.bias[o];
      a.dst[r * a.dst_row + o] = a.relu ? relu(total) : total;
    }
}

// What dense_backward_input reads: [output][image], zeros where there is no image.
template <class T>
void dense_transpose_gradient(const DenseGradArgs<T>& a) {
  const int64_t batch = padded(a.batch);
  for (int64_t o = 0; o < a.outputs; o++)
    for (int64_t r = 0; r < batch; r++)
      a.scratch[o * a.scratch_row + r] = r < a.batch ? a.grad[r * a.grad_row + o] : T(0);
}

// grad_weights = src transposed x grad; chains go over the batch.
template <class T>
void dense_backward_weights(const DenseGradArgs<T>& a) {
  for (int64_t k = a.first_input; k < a.last_input; k++)
    for (int64_t o = 0; o < a.outputs; o++) {
      T sum = 0;
      for (int64_t r = 0; r < a.batch; r++)
        sum = std::fma(a.src[a.src_rows[r] * a.src_row + k], a.grad[r * a.grad_row + o], sum);
      a.grad_weights[(k - a.first_input) * a.weights_row + o] = sum;
    }
  if (!a.grad_bias) return;
  for (int64_t o = 0; o < a.outputs; o++) {
    T sum = 0;
    for (int64_t r = 0; r < a.batch; r++) sum += a.grad[r * a.grad_row + o];
    a.grad_bias[o] = sum;
  }
}

// grad_src = grad x weights transposed; chains go over outputs.
template <class T>
void dense_backward_input(const DenseGradArgs<T>& a) {
  for (int64_t r = 0; r < a.batch; r++)
    for (int64_t k = a.first_input; k < a.last_input; k++) {
      T sum = 0;
      for (int64_t o = 0; o < a.outputs; o++)
        sum = std::fma(a.weights[k * a.weights_row + o], a.scratch[o * a.scratch_row + r], sum);
      a.grad_src[r * a.grad_src_row + k] = sum;
    }
}

}  // namespace galago::reference
