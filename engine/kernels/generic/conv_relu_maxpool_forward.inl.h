// Convolution + bias + ReLU + 2x2 max pool: the four sums of a window never leave the registers.
#pragma once

template <class T>
struct PooledColumns {
  template <int B>
  static void run(const Columns<T>& w, const ConvArgs<T>* args) {
    // Up to three windows at a time, as many as leave half the registers to spare: one alone would be too few chains
    // to cover the latency of an FMA, and its epilogue would wait for them.
    constexpr int most = Tile<T>::held / (4 * B);
    constexpr int W = most > 3 ? 3 : most > 1 ? most : 1, R = 4 * W;
    const ConvArgs<T>& a = *args;
    const int64_t blocks = padded(a.outputs) / kBlock, count = (int64_t)a.rows * a.cols;
    int row = 0, col = 0;
    for (int64_t done = 0; done < count; done += W) {
      const T* src[R];
      T* dst[W];
      int64_t window[W];
      EACH (i, W) {
        const T* corner = a.src + 2 * (row * a.src_row + col * a.src_col);
        src[4 * i] = corner;
        src[4 * i + 1] = corner + a.src_col;
        src[4 * i + 2] = corner + a.src_row;
        src[4 * i + 3] = corner + a.src_row + a.src_col;
        dst[i] = a.dst + row * a.dst_row + col * a.dst_col + w.first;
        window[i] = (int64_t)row * a.cols + col;
        if (done + i + 1 < count && ++col == a.cols) col = 0, row++;
      }
      Block<T> acc[R][B];
      clear<T, R, B>(acc);
      multiply_add_taps<T, R, B>(acc, src, a, w.weights, w.width);
      EACH (i, W)
        EACH (j, B) {
          uint16_t* winners = a.winners ? a.winners + window[i] * 4 * blocks + w.first / kBlock + j : nullptr;
          const Block<T> bias = a.bias ? load(a.bias + w.first + j * kLanes) : zero<T>();
          store_pooled(acc[4 * i][j], acc[4 * i + 1][j], acc[4 * i + 2][j], acc[4 * i + 3][j], bias,
                       dst[i] + j * kLanes, winners, blocks);
        }
    }
  }
};

template <class T>
void conv_relu_maxpool_forward(const ConvArgs<T>& args) {
  int32_t elements[kMostElements];
  const ConvArgs<T> a = flat_taps(args, elements);
  by_panels<T, PooledColumns<T>>(a.weights, (int64_t)a.tap_count * a.channels, padded(a.outputs), &a);
}
