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

// [register of channels][output][tap][its lanes]: what the scatter into the input's gradient reads, a register in one
// stream.
template <class T>
void pack_channel_blocks(const PackArgs<T>& a) {
  using V = Native<T>;
  const int64_t row = (int64_t)a.tap_count * V::lanes;
  Block<T> tile[kLanes];
  for (int64_t o = 0; o < a.outputs; o += kLanes)
    for (int64_t tap = 0; tap < a.tap_count; tap++) {
      load_weights(a, tap, (int64_t)a.index * kBlock, o, Lanes::channels, tile);
      EACH (i, kLanes) {
        if (o + i >= a.outputs) break;
        EACH (part, Block<T>::count)
          V::store(a.dst + (part * a.outputs + o + i) * row + tap * V::lanes, tile[i].r[part]);
      }
    }
}
