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

// G applied to three weights.
template <class T>
void transform_three(T g0, T g1, T g2, T (&u)[4]) {
  u[0] = g0;
  u[1] = T(0.5) * ((g0 + g2) + g1);
  u[2] = T(0.5) * ((g0 + g2) - g1);
  u[3] = g2;
}

// G g G^T of the 3x3 weights g; matrices in winograd.h. dst is the whole buffer: [16 points] panels of k.
template <class T, class Weight>
void pack_winograd_panels(const PackArgs<T>& a, int64_t k_count, int64_t lanes, const Weight& weight) {
  const int64_t width = panel_width(lanes, a.index), point_size = k_count * padded(lanes);
  for (int64_t k = a.first_channel; k < a.last_channel; k++)
    for (int64_t j = 0; j < width; j++) {
      const int64_t lane = a.index * kPanel + j;
      T columns[3][4];  // G g, column by column
      for (int i = 0; i < 3; i++)
        transform_three(weight(i, k, lane), weight(3 + i, k, lane), weight(6 + i, k, lane), columns[i]);
      for (int i = 0; i < 4; i++) {
        T u[4];
        transform_three(columns[0][i], columns[1][i], columns[2][i], u);
        for (int p = 0; p < 4; p++) a.dst[(4 * i + p) * point_size + a.index * kPanel * k_count + k * width + j] = u[p];
      }
    }
}

// k = channel, lanes are outputs
template <class T>
void pack_winograd(const PackArgs<T>& a) {
  pack_winograd_panels(a, a.channels, a.outputs,
                       [&](int64_t tap, int64_t c, int64_t o) { return weight_at(a, tap, c, o); });
}

// k = output, lanes are channels, taps turned round
template <class T>
void pack_winograd_transposed(const PackArgs<T>& a) {
  pack_winograd_panels(a, a.outputs, a.channels,
                       [&](int64_t tap, int64_t o, int64_t c) { return weight_at(a, 8 - tap, c, o); });
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
