// Weights laid out for the kernels that read them, made anew when the weights have changed.
#pragma once

// The weight of output o at k = (tap, channel), wherever the layout keeps it.
template <class T>
INLINE T weight_at(const PackArgs<T>& a, int64_t tap, int64_t channel, int64_t o) {
  return a.ohwi ? a.weights[o * a.row + tap * padded(a.channels) + channel]
                : a.weights[(tap * a.channels + channel) * a.row + o];
}

template <class T>
void pack_panels(const PackArgs<T>& a) {
  const int64_t first = (int64_t)a.index * kPanel, left = padded(a.outputs) - first,
                width = left < kPanel ? left : kPanel;
  T* dst = a.dst;
  for (int64_t tap = 0; tap < a.tap_count; tap++)
    for (int64_t c = 0; c < a.channels; c++, dst += width)
      for (int64_t j = 0; j < width; j++) dst[j] = first + j < a.outputs ? weight_at(a, tap, c, first + j) : T(0);
}

// Outputs become channels and channels outputs, for the gradient of the input.
template <class T>
void pack_panels_transposed(const PackArgs<T>& a) {
  const int64_t first = (int64_t)a.index * kPanel, left = padded(a.channels) - first,
                width = left < kPanel ? left : kPanel;
  T* dst = a.dst;
  for (int t = 0; t < a.tap_order_count; t++)
    for (int64_t o = 0; o < a.outputs; o++, dst += width)
      for (int64_t j = 0; j < width; j++)
        dst[j] = first + j < a.channels ? weight_at(a, a.tap_order[t], first + j, o) : T(0);
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

template <class T>
void pack_winograd(const PackArgs<T>& a) {
  const int64_t outputs = padded(a.outputs), first = (int64_t)a.index * kPanel, left = outputs - first;
  const int64_t width = left < kPanel ? left : kPanel, point = a.channels * outputs;
  for (int64_t c = a.first_channel; c < a.last_channel; c++)
    for (int64_t j = 0; j < width; j += kLanes) {
      Block<T> g[3][3], u[4][4];
      EACH (tap, 9) {
        T lanes[kLanes];
        for (int64_t l = 0; l < kLanes; l++) {
          const int64_t o = first + j + l;
          lanes[l] = o < a.outputs ? weight_at(a, tap, c, o) : T(0);
        }
        g[tap / 3][tap % 3] = load(lanes);
      }
      winograd_transform_weights(g, u);
      T* dst = a.dst + first * a.channels + c * width + j;
      EACH (i, 4)
        EACH (k, 4) store(dst + (4 * i + k) * point, u[i][k]);
    }
}

// [channel block][output][tap][16 channels]: what the scatter into the input's gradient reads, a block in one stream.
template <class T>
void pack_channel_blocks(const PackArgs<T>& a) {
  const int64_t first = (int64_t)a.index * kBlock;
  T* dst = a.dst;
  for (int64_t o = 0; o < a.outputs; o++)
    for (int64_t tap = 0; tap < a.tap_count; tap++, dst += kBlock)
      for (int64_t j = 0; j < kBlock; j++) dst[j] = first + j < a.channels ? weight_at(a, tap, first + j, o) : T(0);
}
