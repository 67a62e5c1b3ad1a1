// Weights at the points of Winograd's algorithm: kernels/winograd.h.
#pragma once

// Panels of `lanes` lanes and k = first_channel .. last_channel; `load_tap` gives 16 k x 16 lanes of a tap.
template <class W, class T, class LoadTap>
INLINE void pack_winograd_panels(const PackArgs<T>& a, int64_t k_count, int64_t lanes, const LoadTap& load_tap) {
  constexpr int taps = W::taps * W::taps;
  const int64_t first = (int64_t)a.index * kPanel, left = padded(lanes) - first;
  const int64_t width = left < kPanel ? left : kPanel, point = winograd_point(k_count, lanes);
  for (int64_t k = a.first_channel; k < a.last_channel; k += kLanes) {
    T filters[kPanel / kLanes][taps * kLanes * kLanes];  // [block of lanes][tap][k][lane]
    for (int64_t j = 0; j < width; j += kLanes)
      for (int tap = 0; tap < taps; tap++) {
        Block<T> tile[kLanes];
        load_tap(tap, k, first + j, tile);
        store_rows(tile, kLanes, filters[j / kLanes] + tap * kLanes * kLanes, kLanes);
      }
    T* dst = a.dst + first * k_count + k * width;
    for (int64_t i = 0; i < kLanes && k + i < a.last_channel; i++, dst += width)
      for (int64_t j = 0; j < width; j += kLanes)
        winograd_weigh<W>(filters[j / kLanes] + i * kLanes, kLanes * kLanes, dst + j, point);
  }
}

// k = channel, lanes are outputs
template <class T>
void pack_winograd(const PackArgs<T>& a) {
  with_tiling(a.tile, a.tap_count == 25 ? 5 : 3, [&](auto tiling) {
    pack_winograd_panels<decltype(tiling)>(a, a.channels, a.outputs,
                                           [&](int tap, int64_t c, int64_t o, Block<T>(&tile)[kLanes]) {
                                             load_weights(a, tap, c, o, Lanes::outputs, tile);
                                           });
  });
}

// Turned round, outputs for channels and channels for outputs: for the gradient of the input.
template <class T>
void pack_winograd_transposed(const PackArgs<T>& a) {
  with_tiling(a.tile, a.tap_count == 25 ? 5 : 3, [&](auto tiling) {
    pack_winograd_panels<decltype(tiling)>(a, a.outputs, a.channels,
                                           [&](int tap, int64_t o, int64_t c, Block<T>(&tile)[kLanes]) {
                                             load_weights(a, a.tap_count - 1 - tap, c, o, Lanes::channels, tile);
                                           });
  });
}
