// Weights laid out for the kernels that read them, made anew when the weights have changed.
#pragma once

enum class Lanes { channels, outputs };

// 16 outputs x 16 channels of one tap, whichever of the two the layout has side by side; zero past the last ones.
template <class T>
void load_weights(const PackArgs<T>& a, int64_t tap, int64_t channel, int64_t output, Lanes lanes,
                  Block<T> (&tile)[kLanes]) {
  const int64_t channels = a.channels - channel, outputs = a.outputs - output;
  const T* src = a.ohwi ? a.weights + output * a.row + tap * padded(a.channels) + channel
                        : a.weights + (tap * a.channels + channel) * a.row + output;
  const int64_t rows = a.ohwi ? outputs : channels, cols = a.ohwi ? channels : outputs;
  const Mask<T> real = mask_from_bits<T>(cols < kLanes ? (1u << cols) - 1 : 0xffff);
  EACH (i, kLanes) tile[i] = i < rows ? select(real, load(src + i * a.row), zero<T>()) : zero<T>();
  if (a.ohwi == (lanes == Lanes::outputs)) transpose(tile);
}

// The first n rows of a tile, to rows of dst.
template <class T>
INLINE void store_rows(const Block<T> (&tile)[kLanes], int64_t n, T* dst, int64_t row) {
  EACH (i, kLanes)
    if (i < n) store(dst + i * row, tile[i]);
}

template <class T>
void pack_panels(const PackArgs<T>& a) {
  const int64_t first = (int64_t)a.index * kPanel, left = padded(a.outputs) - first,
                width = left < kPanel ? left : kPanel;
  Block<T> tile[kLanes];
  T* dst = a.dst;
  for (int64_t tap = 0; tap < a.tap_count; tap++, dst += a.channels * width)
    for (int64_t c = 0; c < a.channels; c += kLanes)
      for (int64_t j = 0; j < width; j += kLanes) {
        load_weights(a, tap, c, first + j, Lanes::outputs, tile);
        store_rows(tile, a.channels - c, dst + c * width + j, width);
      }
}

// Outputs become channels and channels outputs, for the gradient of the input.
template <class T>
void pack_panels_transposed(const PackArgs<T>& a) {
  const int64_t first = (int64_t)a.index * kPanel, left = padded(a.channels) - first,
                width = left < kPanel ? left : kPanel;
  Block<T> tile[kLanes];
  T* dst = a.dst;
  for (int t = 0; t < a.tap_order_count; t++, dst += a.outputs * width)
    for (int64_t o = 0; o < a.outputs; o += kLanes)
      for (int64_t j = 0; j < width; j += kLanes) {
        load_weights(a, a.tap_order[t], first + j, o, Lanes::channels, tile);
        store_rows(tile, a.outputs - o, dst + o * width + j, width);
      }
}

// G g G^T of one 3x3 filter and channel, into the panel of each of the 16 points.
template <class T>
INLINE void winograd_transform_weights(const Block<T> (&g)[3][3], Block<T> (&u)[4][4]) {
  const Block<T> half = broadcast(T(0.5));
  Block<T> t[4][3];
  EACH (j, 3) {
    const Block<T> ends = g[0][j] + g[2][j];
    t[0][j] = g[0][j];
    t[1][j] = half * (ends + g[1][j]);
    t[2][j] = half * (ends - g[1][j]);
    t[3][j] = g[2][j];
  }
  EACH (i, 4) {
    const Block<T> ends = t[i][0] + t[i][2];
    u[i][0] = t[i][0];
    u[i][1] = half * (ends + t[i][1]);
    u[i][2] = half * (ends - t[i][1]);
    u[i][3] = t[i][2];
  }
}

// Panels of `lanes` lanes and k = first_channel .. last_channel; `load_tap` gives 16 k x 16 lanes of a tap.
template <class T, class LoadTap>
INLINE void pack_winograd_panels(const PackArgs<T>& a, int64_t k_count, int64_t lanes, const LoadTap& load_tap) {
  const int64_t first = (int64_t)a.index * kPanel, left = padded(lanes) - first;
  const int64_t width = left < kPanel ? left : kPanel, point = k_count * padded(lanes);
  for (int64_t k = a.first_channel; k < a.last_channel; k += kLanes)
    for (int64_t j = 0; j < width; j += kLanes) {
      Block<T> taps[9][kLanes];
      for (int tap = 0; tap < 9; tap++) load_tap(tap, k, first + j, taps[tap]);
      T* dst = a.dst + first * k_count + k * width + j;
      for (int64_t i = 0; i < kLanes && k + i < a.last_channel; i++, dst += width) {
        Block<T> g[3][3], u[4][4];
        EACH (tap, 9) g[tap / 3][tap % 3] = taps[tap][i];
        winograd_transform_weights(g, u);
        EACH (p, 16) store(dst + p * point, u[p / 4][p % 4]);
      }
    }
}

template <class T>
void pack_winograd(const PackArgs<T>& a) {
  pack_winograd_panels(a, a.channels, a.outputs, [&](int tap, int64_t c, int64_t o, Block<T>(&tile)[kLanes]) {
    load_weights(a, tap, c, o, Lanes::outputs, tile);
  });
}

// Turned round, outputs for channels and channels for outputs: for the gradient of the input.
template <class T>
void pack_winograd_transposed(const PackArgs<T>& a) {
  pack_winograd_panels(a, a.outputs, a.channels, [&](int tap, int64_t o, int64_t c, Block<T>(&tile)[kLanes]) {
    load_weights(a, 8 - tap, c, o, Lanes::channels, tile);
  });
}

// [channel block][output][tap][16 channels]: what the scatter into the input's gradient reads, a block in one stream.
template <class T>
void pack_channel_blocks(const PackArgs<T>& a) {
  const int64_t row = (int64_t)a.tap_count * kBlock;
  Block<T> tile[kLanes];
  for (int64_t o = 0; o < a.outputs; o += kLanes)
    for (int64_t tap = 0; tap < a.tap_count; tap++) {
      load_weights(a, tap, (int64_t)a.index * kBlock, o, Lanes::channels, tile);
      store_rows(tile, a.outputs - o, a.dst + o * row + tap * kBlock, row);
    }
}
