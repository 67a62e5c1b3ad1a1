// Weights at the points of Winograd's algorithm: winograd.h.
#pragma once
#include "kernels/reference/pack.h"
#include "kernels/reference/winograd_tiling.h"

namespace galago::reference {

// G g G^T. dst is the whole buffer: [point] panels of k.
template <class W, class T, class Weight>
void pack_winograd_panels(const PackArgs<T>& a, int64_t k_count, int64_t lanes, const Weight& weight) {
  constexpr int n = W::points, K = W::taps;
  const int64_t width = panel_width(lanes, a.index), point_size = winograd_point(k_count, lanes);
  for (int64_t k = a.first_channel; k < a.last_channel; k++)
    for (int64_t j = 0; j < width; j++) {
      T g[K][K], u[n][n];
      for (int tap = 0; tap < K * K; tap++) g[tap / K][tap % K] = weight(tap, k, a.index * kPanel + j);
      along_both<K, n>(g, u, [](const auto& from, auto& to) { W::weigh(from, to); });
      for (int p = 0; p < n * n; p++)
        a.dst[p * point_size + a.index * kPanel * k_count + k * width + j] = u[p / n][p % n];
    }
}

// k = channel, lanes are outputs
template <class T>
void pack_winograd(const PackArgs<T>& a) {
  with_tiling(a.tile, a.tap_count == 25 ? 5 : 3, [&](auto tiling) {
    pack_winograd_panels<decltype(tiling)>(a, a.channels, a.outputs,
                                           [&](int64_t tap, int64_t c, int64_t o) { return weight_at(a, tap, c, o); });
  });
}

// k = output, lanes are channels, taps turned round
template <class T>
void pack_winograd_transposed(const PackArgs<T>& a) {
  with_tiling(a.tile, a.tap_count == 25 ? 5 : 3, [&](auto tiling) {
    pack_winograd_panels<decltype(tiling)>(a, a.outputs, a.channels, [&](int64_t tap, int64_t o, int64_t c) {
      return weight_at(a, a.tap_count - 1 - tap, c, o);
    });
  });
}

}  // namespace galago::reference
