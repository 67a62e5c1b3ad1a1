// Weight gradients by Winograd's algorithm: kernels/winograd.h. Chains: at each point, the tiles in flight.
#pragma once

// The gradient of one tile, at the points. What lies past the border of the map counts as zero.
template <class W, class T>
INLINE void winograd_scatter_tile(const WinogradGradArgs<T>& a, const TilePlace& at, int64_t o, T* dst, int64_t point) {
  constexpr int M = W::outputs;
  const int64_t rows = a.grad_rows - M * at.row, cols = a.grad_cols - M * at.col;
  const T* grad = a.grad + at.image * a.grad_image + M * (at.row * a.grad_row + at.col * a.grad_col) + o;
  T y[M * M * kLanes];
  for (int i = 0; i < M; i++)
    for (int j = 0; j < M; j++)
      store(y + (M * i + j) * kLanes, i < rows && j < cols ? load(grad + i * a.grad_row + j * a.grad_col) : zero<T>());
  winograd_scatter<W>(y, dst, point);
}

// What the tiles in flight add to the gradient: some channels x B blocks of outputs, point by point.
template <class T>
struct WinogradSpreads {
  const T *v, *z;
  int64_t v_point, z_point, tiles;
  T* sums;  // [point][channel][outputs]
};

template <class W, class T, int B>
struct WinogradGradTile {
  template <int R>
  static void run(int64_t c, int64_t first, const WinogradGradArgs<T>* args, const WinogradSpreads<T>* spreads) {
    constexpr int lanes = B * kLanes, points = W::points * W::points, taps = W::taps * W::taps;
    static_assert(B > Tile<T>::blocks || R * lanes <= kWinogradGradient);
    const WinogradGradArgs<T>& a = *args;
    const WinogradSpreads<T>& s = *spreads;
    const int64_t channels = padded(a.channels), outputs = padded(a.outputs);
    T* sums = s.sums;
    for (int p = 0; p < points; p++) {
      const T *v = s.v + p * s.v_point + c, *z = s.z + p * s.z_point + first;
      Block<T> acc[R][B];
      clear<T, R, B>(acc);
      for (int64_t t = 0; t < s.tiles; t++, v += channels, z += outputs) {
        Block<T> w[B];
        EACH (j, B) w[j] = load(z + j * kLanes);
        EACH (i, R) {
          const Block<T> x = broadcast(v[i]);
          EACH (j, B) acc[i][j] = fma(x, w[j], acc[i][j]);
        }
      }
      EACH (i, R)
        EACH (j, B) store(sums + i * lanes + j * kLanes, acc[i][j]);
      sums += R * lanes;
    }
    for (int i = 0; i < R && c + i < a.channels; i++)
      for (int j = 0; j < B; j++) {
        T g[taps * kLanes];
        winograd_unweigh<W>(s.sums + i * lanes + j * kLanes, R * lanes, g);
        T* weights = a.grad_weights + (c + i) * outputs + first + j * kLanes;
        for (int tap = 0; tap < taps; tap++, weights += a.channels * outputs)
          store(weights, load(weights) + load(g + tap * kLanes));
      }
  }
};

template <class W, class T>
struct WinogradGradColumns {
  template <int B>
  static void run(int64_t first, const WinogradGradArgs<T>* args, const WinogradSpreads<T>* spreads) {
    using Op = WinogradGradTile<W, T, B>;
    if constexpr (Tile<T>::wide) {  // a divisor of a block, whose padding may be computed but is not stored
      constexpr int R = 16 / (B * Tile<T>::registers);
      for (int64_t c = 0; c < args->channels; c += R) Op::template run<R>(c, first, args, spreads);
    } else {
      by_rows<T, Op>(args->channels, first, args, spreads);
    }
  }
};

template <class T>
void conv_winograd_backward_weights(const WinogradGradArgs<T>& a) {
  using W = Tiling<4, 3, SixPoints>;
  constexpr int64_t points = W::points * W::points;
  const int64_t channels = padded(a.channels), outputs = padded(a.outputs), count = a.count();
  const int64_t at_once = winograd_tiles_at_once(points, a.channels, a.outputs);
  T* const v = a.scratch;
  T* const z = v + points * winograd_point(at_once, a.channels);
  T* const sums = z + points * winograd_point(at_once, a.outputs);
  for (int64_t first = 0; first < count; first += at_once) {
    const int64_t tiles = count - first < at_once ? count - first : at_once;
    const WinogradSpreads<T> spreads{v,     z,   winograd_point(tiles, a.channels), winograd_point(tiles, a.outputs),
                                     tiles, sums};
    winograd_spread_tiles<W>(a, a.src, a.src_image, a.src_row, a.src_col, channels, first, tiles, v, spreads.v_point);
    for (int64_t t = 0; t < tiles; t++)
      for (int64_t o = 0; o < outputs; o += kLanes)
        winograd_scatter_tile<W>(a, tile_place(a, first + t), o, z + t * outputs + o, spreads.z_point);
    by_columns<T, WinogradGradColumns<W, T>>(outputs, &a, &spreads);
  }
  if (!a.grad_bias) return;
  ConvGradArgs<T> bias{};
  bias.grad_row = a.grad_row;
  bias.grad_col = a.grad_col;
  bias.rows = a.grad_rows;
  bias.cols = a.grad_cols;
  bias.outputs = a.outputs;
  bias.grad_bias = a.grad_bias;
  for (int32_t image = 0; image < a.images; image++) {
    bias.grad = a.grad + image * a.grad_image;
    add_bias_gradient(bias);
  }
}
