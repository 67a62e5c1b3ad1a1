// Convolution + bias (+ ReLU): each output is one chain over (tap, channel), then the bias.
#pragma once

template <class T, int B>
void conv_columns(const ConvArgs<T>& a, const T* weights, int64_t width, int first) {
  constexpr int R = Tile<T>::rows;
  Block<T> bias[B];
  UNROLL(8) for (int j = 0; j < B; j++) bias[j] = a.bias ? load(a.bias + first + j * kLanes) : zero<T>();
  const int64_t count = (int64_t)a.rows * a.cols;
  int row = 0, col = 0;
  for (int64_t done = 0; done < count; done += R) {
    const T* src[R];
    T* dst[R];
    UNROLL(8) for (int i = 0; i < R; i++) {  // past the end the last output is made again, to the same bits
      src[i] = a.src + row * a.src_row + col * a.src_col;
      dst[i] = a.dst + row * a.dst_row + col * a.dst_col + first;
      if (done + i + 1 < count && ++col == a.cols) col = 0, row++;
    }
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    multiply_add_taps<T, R, B>(acc, src, a, weights, width);
    UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++) {
      Block<T> value = acc[i][j] + bias[j];
      if (a.relu) value = relu(value);
      const int left = a.outputs - first - j * kLanes;
      if (a.exact_lanes && left < kLanes) store_first(dst[i] + j * kLanes, value, left);
      else store(dst[i] + j * kLanes, value);
    }
  }
}

template <class T>
void conv_forward(const ConvArgs<T>& a) {
  const int64_t k_count = (int64_t)a.tap_count * a.channels, outputs = padded(a.outputs);
  for (int64_t panel = 0; panel < outputs; panel += kPanel) {
    const int64_t width = outputs - panel < kPanel ? outputs - panel : kPanel;
    const T* weights = a.weights + panel * k_count;
    for (int64_t o = 0; o < width;) {
      const int64_t blocks = (width - o) / kLanes;
      const int first = (int)(panel + o);
      if (Tile<T>::blocks >= 4 && blocks >= 4) conv_columns<T, 4>(a, weights + o, width, first), o += 4 * kLanes;
      else if (Tile<T>::blocks >= 2 && blocks >= 2) conv_columns<T, 2>(a, weights + o, width, first), o += 2 * kLanes;
      else conv_columns<T, 1>(a, weights + o, width, first), o += kLanes;
    }
  }
}

// The gradient of a convolution's input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_backward_input(const ConvArgs<T>& a) {
  conv_forward(a);
}
