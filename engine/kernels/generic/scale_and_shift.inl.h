#pragma once

// What follows a sum: a batch norm or a bias, then ReLU, each where there is one.
template <class T>
INLINE Block<T> scale_and_shift(const Block<T>& sum, const T* scale, const T* bias, bool with_relu) {
  Block<T> value = sum;
  if (scale) value = fma(sum, load(scale), load(bias));
  else if (bias) value = sum + load(bias);
  return with_relu ? relu(value) : value;
}
