// Softmax of rows. Lanes are rows, so every sum is one chain over the columns and a row never feels its neighbours.
#pragma once

template <class T>
void softmax_forward(const ActivationArgs<T>& a) {
  for (int row = 0; row < a.rows; row += kLanes) {
    const int n = a.rows - row < kLanes ? a.rows - row : kLanes;
    const T* src = a.src + row * a.src_row;
    T* dst = a.dst + row * a.dst_row;
    Block<T> largest = load_strided(src, a.src_row, n);
    for (int c = 1; c < a.cols; c++) largest = maximum(largest, load_strided(src + c, a.src_row, n));
    Block<T> sum = zero<T>();
    for (int c = 0; c < a.cols; c++) {
      const Block<T> e = exp(load_strided(src + c, a.src_row, n) - largest);
      store_strided(dst + c, a.dst_row, e, n);
      sum = sum + e;
    }
    for (int c = 0; c < a.cols; c++) store_strided(dst + c, a.dst_row, load_strided(dst + c, a.dst_row, n) / sum, n);
  }
}

// grad_src = (grad - sum of grad * out) * out.
template <class T>
void softmax_backward(const ActivationArgs<T>& a) {
  for (int row = 0; row < a.rows; row += kLanes) {
    const int n = a.rows - row < kLanes ? a.rows - row : kLanes;
    const T* out = a.out + row * a.out_row;
    const T* grad = a.grad + row * a.grad_row;
    T* grad_src = a.grad_src + row * a.grad_src_row;
    Block<T> sum = zero<T>();
    for (int c = 0; c < a.cols; c++)
      sum = fma(load_strided(grad + c, a.grad_row, n), load_strided(out + c, a.out_row, n), sum);
    for (int c = 0; c < a.cols; c++) {
      const Block<T> slope = load_strided(grad + c, a.grad_row, n) - sum;
      store_strided(grad_src + c, a.grad_src_row, slope * load_strided(out + c, a.out_row, n), n);
    }
  }
}
