// Convolution + bias + ReLU + 2x2 max pool: the four sums of a window never leave the registers.
#pragma once

template <class T, int W, int B>
void pooled_columns(const ConvArgs<T>& a, const T* weights, int64_t width, int first) {
  constexpr int R = 4 * W;
  Block<T> bias[B];
  UNROLL(8) for (int j = 0; j < B; j++) bias[j] = a.bias ? load(a.bias + first + j * kLanes) : zero<T>();
  const int64_t blocks = padded(a.outputs) / kBlock, count = (int64_t)a.rows * a.cols;
  int row = 0, col = 0;
  for (int64_t done = 0; done < count; done += W) {
    const T* src[R];
    T* dst[W];
    int64_t window[W];
    UNROLL(8) for (int i = 0; i < W; i++) {
      const T* corner = a.src + 2 * (row * a.src_row + col * a.src_col);
      src[4 * i] = corner;
      src[4 * i + 1] = corner + a.src_col;
      src[4 * i + 2] = corner + a.src_row;
      src[4 * i + 3] = corner + a.src_row + a.src_col;
      dst[i] = a.dst + row * a.dst_row + col * a.dst_col + first;
      window[i] = (int64_t)row * a.cols + col;
      if (done + i + 1 < count && ++col == a.cols) col = 0, row++;
    }
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    multiply_add_taps<T, R, B>(acc, src, a, weights, width);
    UNROLL(8) for (int i = 0; i < W; i++) UNROLL(8) for (int j = 0; j < B; j++) {
      uint16_t* winners = a.winners ? a.winners + window[i] * 4 * blocks + first / kBlock + j : nullptr;
      store_pooled(acc[4 * i][j], acc[4 * i + 1][j], acc[4 * i + 2][j], acc[4 * i + 3][j], bias[j], dst[i] + j * kLanes,
                   kLanes, winners, blocks);
    }
  }
}

template <class T>
void conv_relu_maxpool_forward(const ConvArgs<T>& a) {
  const int64_t k_count = (int64_t)a.tap_count * a.channels, outputs = padded(a.outputs);
  for (int64_t panel = 0; panel < outputs; panel += kPanel) {
    const int64_t width = outputs - panel < kPanel ? outputs - panel : kPanel;
    const T* weights = a.weights + panel * k_count;
    for (int64_t o = 0; o < width;) {
      const int64_t blocks = (width - o) / kLanes;
      const int first = (int)(panel + o);
      // Two windows where one would leave too few chains to cover the latency of an FMA.
      if (Tile<T>::blocks >= 4 && blocks >= 4) pooled_columns<T, 1, 4>(a, weights + o, width, first), o += 4 * kLanes;
      else if (Tile<T>::blocks >= 2 && blocks >= 2) pooled_columns<T, 1, 2>(a, weights + o, width, first), o += 2 * kLanes;
      else pooled_columns<T, Tile<T>::wide ? 2 : 1, 1>(a, weights + o, width, first), o += kLanes;
    }
  }
}
