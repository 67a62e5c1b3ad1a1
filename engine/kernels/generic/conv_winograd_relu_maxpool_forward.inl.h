// 3x3 convolution + bias + ReLU + 2x2 max pool by Winograd's F(2x2,3x3): one tile of four outputs is one pool window.
//
// 16 products an output channel and window instead of 36 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016). Its constants are 0, 1, -1 and 1/2, so the error stays near that of direct convolution.
#pragma once

// B^T d B of one 4x4 patch and 16 channels.
template <class T>
INLINE void winograd_transform_patch(const T* src, int64_t row, int64_t col, T* dst, int64_t point) {
  Block<T> r[4][4];
  EACH (j, 4) {
    const Block<T> d0 = load(src + j * col), d1 = load(src + row + j * col), d2 = load(src + 2 * row + j * col),
                   d3 = load(src + 3 * row + j * col);
    r[0][j] = d0 - d2;
    r[1][j] = d1 + d2;
    r[2][j] = d2 - d1;
    r[3][j] = d1 - d3;
  }
  EACH (i, 4) {
    store(dst + 4 * i * point, r[i][0] - r[i][2]);
    store(dst + (4 * i + 1) * point, r[i][1] + r[i][2]);
    store(dst + (4 * i + 2) * point, r[i][2] - r[i][1]);
    store(dst + (4 * i + 3) * point, r[i][1] - r[i][3]);
  }
}

// One point of the transformed domain, some tiles x some outputs: M = V x U, R tiles at a time.
template <class T, int R>
struct WinogradColumns {
  template <int B>
  static void run(const Columns<T>& u, const T* v, int64_t channels, T* m, int64_t m_row, int tiles) {
    const int64_t v_row = padded(channels);
    for (int t = 0; t < tiles; t += R) {
      const T* src[R];
      T* dst[R];
      EACH (i, R) {  // past the end the last tile is made again, to the same bits
        const int tile = t + i < tiles ? t + i : tiles - 1;
        src[i] = v + tile * v_row;
        dst[i] = m + tile * m_row + u.first;
      }
      Block<T> acc[R][B];
      clear<T, R, B>(acc);
      multiply_add<T, R, B>(acc, src, u.weights, u.width, channels);
      EACH (i, R)
        EACH (j, B) store(dst[i] + j * kLanes, acc[i][j]);
    }
  }
};

template <class T, int R>
void winograd_multiply(const WinogradArgs<T>& a, const T* v, int64_t v_point, T* m, int64_t m_point, int tiles) {
  const int64_t outputs = padded(a.outputs), u_point = a.channels * outputs;
  for (int p = 0; p < 16; p++)
    by_panels<T, WinogradColumns<T, R>>(a.weights + p * u_point, a.channels, outputs, v + p * v_point,
                                        (int64_t)a.channels, m + p * m_point, outputs, tiles);
}

// A^T m A of 16 output channels of a tile, then the window's epilogue.
template <class T>
INLINE void winograd_store_window(const T* m, int64_t point, const Block<T>& bias, T* dst, uint16_t* winners,
                                  int64_t blocks) {
  Block<T> r[2][4];
  EACH (j, 4) {
    const Block<T> m0 = load(m + j * point), m1 = load(m + (4 + j) * point), m2 = load(m + (8 + j) * point),
                   m3 = load(m + (12 + j) * point);
    r[0][j] = (m0 + m1) + m2;
    r[1][j] = (m1 - m2) - m3;
  }
  store_pooled((r[0][0] + r[0][1]) + r[0][2], (r[0][1] - r[0][2]) - r[0][3], (r[1][0] + r[1][1]) + r[1][2],
               (r[1][1] - r[1][2]) - r[1][3], bias, dst, winners, blocks);
}

template <class T>
void conv_winograd_relu_maxpool_forward(const WinogradArgs<T>& a) {
  const int64_t channels = padded(a.channels), outputs = padded(a.outputs), blocks = outputs / kBlock;
  const int windows = a.rows * a.cols;
  T* const v = a.scratch;
  T* const m = a.scratch + 16 * winograd_point(kWinogradTiles, a.channels);
  for (int first = 0; first < windows; first += kWinogradTiles) {
    const int tiles = windows - first < kWinogradTiles ? windows - first : kWinogradTiles;
    const int64_t v_point = winograd_point(tiles, a.channels), m_point = winograd_point(tiles, a.outputs);
    for (int t = 0; t < tiles; t++) {
      const int row = (first + t) / a.cols, col = (first + t) % a.cols;
      const T* corner = a.src + 2 * (row * a.src_row + col * a.src_col);
      for (int64_t c = 0; c < channels; c += kLanes)
        winograd_transform_patch(corner + c, a.src_row, a.src_col, v + t * channels + c, v_point);
    }
    constexpr int tall = Tile<T>::rows, low = tall == 1 ? 1 : tall - 1;
    if (tile_rows(tiles, tall, low) == tall) winograd_multiply<T, tall>(a, v, v_point, m, m_point, tiles);
    else winograd_multiply<T, low>(a, v, v_point, m, m_point, tiles);
    for (int t = 0; t < tiles; t++) {
      const int row = (first + t) / a.cols, col = (first + t) % a.cols;
      for (int64_t b = 0; b < blocks; b++) {
        const Block<T> bias = a.bias ? load(a.bias + b * kBlock) : zero<T>();
        winograd_store_window(m + t * outputs + b * kBlock, m_point, bias,
                              a.dst + row * a.dst_row + col * a.dst_col + b * kBlock,
                              a.winners ? a.winners + (int64_t)(first + t) * 4 * blocks + b : nullptr, blocks);
      }
    }
  }
}
