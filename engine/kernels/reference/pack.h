// Weights laid out for the kernels that read them. Lanes past the last output or channel are zero.
#pragma once
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

// The weight of output o at (tap, channel), wherever the layout keeps it; zero past the last one.
template <class T>
T weight_at(const PackArgs<T>& a, int64_t tap, int64_t channel, int64_t o) {
  if (channel >= a.channels || o >= a.outputs) return T(0);
  if (a.ohwi) return a.weights[o * a.row + tap * padded(a.channels) + channel];
  return a.weights[(tap * a.channels + channel) * a.row + o];
}

// How many of `lanes` lie in panel `index`: 64, or what is left, in whole blocks.
inline int64_t panel_width(int64_t lanes, int64_t index) {
  const int64_t left = padded(lanes) - index * kPanel;
  return left < kPanel ? left : kPanel;
}

// dst[tap, channel][output of the panel]
template <class T>
void pack_panels(const PackArgs<T>& a) {
  const int64_t width = panel_width(a.outputs, a.index);
  for (int64_t tap = 0; tap < a.tap_count; tap++)
    for (int64_t c = 0; c < a.channels; c++)
      for (int64_t j = 0; j < width; j++)
        a.dst[(tap * a.channels + c) * width + j] = weight_at(a, tap, c, a.index * kPanel + j);
}

// dst[tap in tap_order, output][channel of the panel]: outputs become channels and channels outputs.
template <class T>
void pack_panels_transposed(const PackArgs<T>& a) {
  const int64_t width = panel_width(a.channels, a.index);
  for (int64_t t = 0; t < a.tap_order_count; t++)
    for (int64_t o = 0; o < a.outputs; o++)
      for (int64_t j = 0; j < width; j++)
        a.dst[(t * a.outputs + o) * width + j] = weight_at(a, a.tap_order[t], a.index * kPanel + j, o);
}

// dst[output][tap][16 channels of the block]
template <class T>
void pack_channel_blocks(const PackArgs<T>& a) {
  for (int64_t o = 0; o < a.outputs; o++)
    for (int64_t tap = 0; tap < a.tap_count; tap++)
      for (int64_t j = 0; j < kBlock; j++)
        a.dst[(o * a.tap_count + tap) * kBlock + j] = weight_at(a, tap, a.index * kBlock + j, o);
}

}  // namespace galago::reference
