// 3x3 convolution by Winograd's F(2x2,3x3). Under a 2x2 max pool one tile of four outputs is one window of the pool.
//
// 16 products an output channel and tile instead of 36 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
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

// A^T m A: four outputs of a tile, 16 channels, in row-major order.
template <class T>
INLINE void winograd_transform_back(const T* m, int64_t point, Block<T> (&y)[4]) {
  Block<T> r[2][4];
  EACH (j, 4) {
    const Block<T> m0 = load(m + j * point), m1 = load(m + (4 + j) * point), m2 = load(m + (8 + j) * point),
                   m3 = load(m + (12 + j) * point);
    r[0][j] = (m0 + m1) + m2;
    r[1][j] = (m1 - m2) - m3;
  }
  y[0] = (r[0][0] + r[0][1]) + r[0][2];
  y[1] = (r[0][1] - r[0][2]) - r[0][3];
  y[2] = (r[1][0] + r[1][1]) + r[1][2];
  y[3] = (r[1][1] - r[1][2]) - r[1][3];
}

// Calls store_tile(y, row, col, tile, o) with the four sums of every tile of rows x cols tiles and 16 outputs from o
// on.
template <class T, class Store>
INLINE void winograd_tiles(const WinogradArgs<T>& a, int rows, int cols, const Store& store_tile) {
  const int64_t channels = padded(a.channels), outputs = padded(a.outputs);
  const int count = rows * cols;
  T* const v = a.scratch;
  T* const m = a.scratch + 16 * winograd_point(kWinogradTiles, a.channels);
  for (int first = 0; first < count; first += kWinogradTiles) {
    const int tiles = count - first < kWinogradTiles ? count - first : kWinogradTiles;
    const int64_t v_point = winograd_point(tiles, a.channels), m_point = winograd_point(tiles, a.outputs);
    for (int t = 0; t < tiles; t++) {
      const int row = (first + t) / cols, col = (first + t) % cols;
      const T* corner = a.src + 2 * (row * a.src_row + col * a.src_col);
      for (int64_t c = 0; c < channels; c += kLanes)
        winograd_transform_patch(corner + c, a.src_row, a.src_col, v + t * channels + c, v_point);
    }
    constexpr int tall = Tile<T>::rows, low = tall == 1 ? 1 : tall - 1;
    if (tile_rows(tiles, tall, low) == tall) winograd_multiply<T, tall>(a, v, v_point, m, m_point, tiles);
    else winograd_multiply<T, low>(a, v, v_point, m, m_point, tiles);
    for (int t = 0; t < tiles; t++)
      for (int64_t o = 0; o < outputs; o += kLanes) {
        Block<T> y[4];
        winograd_transform_back(m + t * outputs + o, m_point, y);
        store_tile(y, (first + t) / cols, (first + t) % cols, first + t, o);
      }
  }
}

template <class T>
void conv_winograd_relu_maxpool_forward(const WinogradArgs<T>& a) {
  const int64_t blocks = padded(a.outputs) / kBlock;
  winograd_tiles(a, a.rows, a.cols, [&](const Block<T>(&y)[4], int64_t row, int64_t col, int64_t window, int64_t o) {
    const Block<T> bias = a.bias ? load(a.bias + o) : zero<T>();
    store_pooled(y[0], y[1], y[2], y[3], bias, a.dst + row * a.dst_row + col * a.dst_col + o,
                 a.winners ? a.winners + window * 4 * blocks + o / kBlock : nullptr, blocks);
  });
}

// Without a pool. Where rows or columns are odd the last tiles reach over the border, and only their inside is stored.
template <class T>
void conv_winograd_forward(const WinogradArgs<T>& a) {
  winograd_tiles(
      a, (a.rows + 1) / 2, (a.cols + 1) / 2, [&](const Block<T>(&y)[4], int64_t row, int64_t col, int64_t, int64_t o) {
        T* dst = a.dst + 2 * (row * a.dst_row + col * a.dst_col) + o;
        const bool below = 2 * row + 1 < a.rows, right = 2 * col + 1 < a.cols;
        EACH (i, 4)
          if ((i < 2 || below) && (i % 2 == 0 || right))
            store(dst + i / 2 * a.dst_row + i % 2 * a.dst_col,
                  scale_and_shift(y[i], a.scale ? a.scale + o : nullptr, a.bias ? a.bias + o : nullptr, a.relu));
      });
}

// The gradient of the input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_winograd_backward_input(const WinogradArgs<T>& a) {
  conv_winograd_forward(a);
}
