// Convolution by Winograd's algorithm, alone or under a 2x2 max pool: kernels/winograd.h.
// Chains: at each point, channels ascending.
#pragma once

#include "kernels/generic/winograd_transforms.inl.h"

// Where a tile lies.
struct TilePlace {
  int64_t image, row, col;
};
INLINE TilePlace tile_place(const WinogradTiles& a, int64_t tile) {
  const int64_t of_image = (int64_t)a.rows * a.cols, at = tile % of_image;
  return {tile / of_image, at / a.cols, at % a.cols};
}

// Spreads the patches of `tiles` tiles from `first` on: [point][tile][channel].
template <class W, class T>
void winograd_spread_tiles(const WinogradTiles& a, const T* src, int64_t image, int64_t row, int64_t col,
                           int64_t channels, int64_t first, int64_t tiles, T* v, int64_t point) {
  for (int64_t t = 0; t < tiles; t++) {
    const TilePlace at = tile_place(a, first + t);
    const T* corner = src + at.image * image + W::outputs * (at.row * row + at.col * col);
    for (int64_t c = 0; c < channels; c += kLanes)
      winograd_spread<W>(corner + c, row, col, v + t * channels + c, point);
  }
}

// M = V x U at one point, for some outputs of a panel of U.
template <class T, class Besides>
struct WinogradPanel {
  const T* weights;
  int64_t width, outputs;  // of the panel; of it here
  const T* v;
  int64_t channels;
  T* m;
  int64_t m_row;
  Besides besides;
};

template <class T, int R>
struct WinogradColumns {
  template <int B, class Besides>
  static INLINE void run(int64_t first, WinogradPanel<T, Besides>* panel, const T* v, T* m) {
    const WinogradPanel<T, Besides>& p = *panel;
    const T* src[R];
    EACH (i, R) src[i] = v + i * padded(p.channels);
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    multiply_add<T, R, B>(acc, src, p.weights + first, p.width, p.channels, p.besides);
    panel->besides.skip(p.channels);
    EACH (i, R)
      EACH (j, B) store(m + i * p.m_row + first + j * kLanes, acc[i][j]);
  }
};

template <class T>
struct WinogradRows {
  template <int R, class Besides>
  static void run(int64_t first, WinogradPanel<T, Besides>* p) {
    by_columns<T, WinogradColumns<T, R>>(p->outputs, p, p->v + first * padded(p->channels), p->m + first * p->m_row);
  }
};

template <class T>
void winograd_multiply(const WinogradArgs<T>& a, int64_t points, const T* v, int64_t v_point, T* m, int64_t m_point,
                       int64_t tiles) {
  const int64_t outputs = padded(a.outputs), u_point = winograd_point(a.channels, a.outputs);
  for (int64_t p = 0; p < points; p++)
    for (int64_t panel = a.first_output / kPanel * kPanel; panel < a.last_output; panel += kPanel) {
      const int64_t left = outputs - panel, width = left < kPanel ? left : kPanel;
      const int64_t first = a.first_output > panel ? a.first_output - panel : 0;
      const int64_t last = a.last_output - panel < width ? a.last_output - panel : width;
      const T* weights = a.weights + p * u_point + panel * a.channels;
      const FetchAhead<T> ahead(weights + width * a.channels, width,
                                tiles_of_rows<T>(tiles) * groups_of_columns<T>(last - first));
      const auto multiply = [&](auto besides) {
        WinogradPanel<T, decltype(besides)> some{weights + first, width,      last - first,
                                                 v + p * v_point, a.channels, m + p * m_point + panel + first,
                                                 outputs,         besides};
        by_rows<T, WinogradRows<T>>((int)tiles, &some);
      };
      if (ahead.often_enough()) multiply(ahead);
      else multiply(Nothing{});
    }
}

// Calls finish(first, tiles, m, m_point) with the products of at most `at_once` tiles after the other.
template <class W, class T, class Finish>
INLINE void winograd_products(const WinogradArgs<T>& a, int64_t at_once, const Finish& finish) {
  constexpr int64_t points = W::points * W::points;
  const int64_t count = a.count(), channels = padded(a.channels);
  T* const v = a.scratch;
  T* const m = a.scratch + points * winograd_point(winograd_tiles_at_once(points, a.channels, a.outputs), a.channels);
  for (int64_t first = 0; first < count; first += at_once) {
    const int64_t tiles = count - first < at_once ? count - first : at_once;
    const int64_t v_point = winograd_point(tiles, a.channels), m_point = winograd_point(tiles, a.outputs);
    winograd_spread_tiles<W>(a, a.src, a.src_image, a.src_row, a.src_col, channels, first, tiles, v, v_point);
    winograd_multiply(a, points, v, v_point, m, m_point, tiles);
    finish(first, tiles, m, m_point);
  }
}

// ---- without a pool ----

// Where the map is no multiple of the tile the last tiles reach over its border, and only their inside is stored.
template <class W, class T>
INLINE void winograd_store(const WinogradArgs<T>& a, const TilePlace& at, int64_t o, const T* y) {
  constexpr int M = W::outputs;
  const int64_t rows = a.dst_rows - M * at.row, cols = a.dst_cols - M * at.col;
  T* dst = a.dst + at.image * a.dst_image + M * (at.row * a.dst_row + at.col * a.dst_col) + o;
  const ScaleAndShift<T> finish(a.scale ? a.scale + o : nullptr, a.bias ? a.bias + o : nullptr, a.relu);
  for (int64_t i = 0; i < M && i < rows; i++)
    for (int64_t j = 0; j < M && j < cols; j++)
      store(dst + i * a.dst_row + j * a.dst_col, finish(load(y + (M * i + j) * kLanes)));
}

template <class T>
void conv_winograd_forward(const WinogradArgs<T>& a) {
  with_tiling(a.size, a.taps, [&](auto tiling) {
    using W = decltype(tiling);
    const int64_t at_once = winograd_tiles_at_once(W::points * W::points, a.channels, a.outputs);
    winograd_products<W>(a, at_once, [&](int64_t first, int64_t tiles, const T* m, int64_t point) {
      for (int64_t t = 0; t < tiles; t++)
        for (int64_t o = a.first_output; o < a.last_output; o += kLanes) {
          T y[W::outputs * W::outputs * kLanes];
          winograd_gather<W>(m + t * padded(a.outputs) + o, point, y, W::outputs);
          winograd_store<W>(a, tile_place(a, first + t), o, y);
        }
    });
  });
}

// The gradient of the input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_winograd_backward_input(const WinogradArgs<T>& a) {
  conv_winograd_forward(a);
}

// ---- under a 2x2 max pool ----

// The window whose first sums are at y, in a map of `cols` columns.
template <class T>
INLINE void winograd_pool(const WinogradArgs<T>& a, int64_t image, int64_t row, int64_t col, int64_t o, const T* y,
                          int64_t cols) {
  const int64_t blocks = padded(a.outputs) / kBlock, window = row * a.dst_cols + col;
  const Block<T> bias = a.bias ? load(a.bias + o) : zero<T>();
  store_pooled(load(y), load(y + kLanes), load(y + cols * kLanes), load(y + (cols + 1) * kLanes), bias,
               a.dst + image * a.dst_image + row * a.dst_row + col * a.dst_col + o,
               a.winners ? a.winners + image * a.winners_image + window * 4 * blocks + o / kBlock : nullptr, blocks);
}

// Tiles of an even size hold whole windows.
template <class W, class T>
INLINE void winograd_pool_tiles(const WinogradArgs<T>& a, int64_t first, int64_t tiles, const T* m, int64_t point) {
  constexpr int M = W::outputs, windows = M / 2;
  for (int64_t t = 0; t < tiles; t++) {
    const TilePlace at = tile_place(a, first + t);
    for (int64_t o = a.first_output; o < a.last_output; o += kLanes) {
      T y[M * M * kLanes];
      winograd_gather<W>(m + t * padded(a.outputs) + o, point, y, M);
      for (int i = 0; i < windows; i++)
        for (int j = 0; j < windows; j++) {
          const int64_t row = windows * at.row + i, col = windows * at.col + j;
          if (row < a.dst_rows && col < a.dst_cols)
            winograd_pool(a, at.image, row, col, o, y + 2 * (M * i + j) * kLanes, M);
        }
    }
  }
}

// Those of an odd size do not: the sums of an image meet in a map, one block of outputs after the other.
template <class W, class T>
INLINE void winograd_pool_image(const WinogradArgs<T>& a, int64_t image, const T* m, int64_t point) {
  constexpr int M = W::outputs;
  const int64_t points = W::points * W::points, cols = (int64_t)M * a.cols;
  T* const sums = a.scratch + winograd_scratch(points, a.channels, a.outputs);
  for (int64_t o = a.first_output; o < a.last_output; o += kLanes) {
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++)
        winograd_gather<W>(m + (row * a.cols + col) * padded(a.outputs) + o, point,
                           sums + M * (row * cols + col) * kLanes, cols);
    for (int64_t row = 0; row < a.dst_rows; row++)
      for (int64_t col = 0; col < a.dst_cols; col++)
        winograd_pool(a, image, row, col, o, sums + 2 * (row * cols + col) * kLanes, cols);
  }
}

template <class T>
void conv_winograd_relu_maxpool_forward(const WinogradArgs<T>& a) {
  with_tiling(a.size, a.taps, [&](auto tiling) {
    using W = decltype(tiling);
    const int64_t at_once = winograd_tiles_at_once(W::points * W::points, a.channels, a.outputs);
    if constexpr (W::outputs % 2 == 0) {
      winograd_products<W>(a, at_once, [&](int64_t first, int64_t tiles, const T* m, int64_t point) {
        winograd_pool_tiles<W>(a, first, tiles, m, point);
      });
    } else {  // the plan sees to it that one image fits
      const int64_t of_image = (int64_t)a.rows * a.cols;
      winograd_products<W>(a, at_once / of_image * of_image,
                           [&](int64_t first, int64_t tiles, const T* m, int64_t point) {
                             for (int64_t t = 0; t < tiles; t += of_image)
                               winograd_pool_image<W>(a, (first + t) / of_image, m + t * padded(a.outputs), point);
                           });
    }
  });
}
