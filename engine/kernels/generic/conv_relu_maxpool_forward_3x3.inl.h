// 3x3 filters on one channel where 16 registers of eight lanes are all there is. Nine weights of one register of
// outputs stay, and each of a window's 16 pixels is loaded once for the sums that read it; with a block of two
// registers each tap would load four pixels and two weights for eight products.
#pragma once

template <class T>
struct Pooled3x3 {
  using N = Native<T>;
  using Reg = typename N::Reg;
  static constexpr int L = N::lanes;
  static constexpr bool pays = L == 8 && sizeof(Reg) == 32;  // AVX2's floats

  static bool fits(const ConvArgs<T>& a) {
    if (a.tap_count != 9 || a.channels != 1 || a.src_col != 1) return false;
    for (int t = 0; t < 9; t++)
      if (a.taps[t] != t / 3 * a.src_row + t % 3) return false;
    return true;
  }

  template <int B>
  static void run(const Columns<T>& w, const ConvArgs<T>* args) {
    for (int lane = 0; lane < B * kLanes; lane += L) run_register(w.weights + lane, w.width, w.first + lane, *args);
  }

  static void run_register(const T* w, int64_t width, int64_t first, const ConvArgs<T>& args) {
    const ConvArgs<T> a = args;  // of its own: stores might change what others see
    Reg weights[9];
    EACH (t, 9) weights[t] = N::load(w + t * width);
    const T none[L] = {};
    const T* bias = a.bias ? a.bias + first : none;
    uint8_t* winners = a.winners ? (uint8_t*)a.winners + first / 8 : nullptr;  // eight outputs a byte
    const int64_t position = padded(a.outputs) / 8, third = 3 * a.src_row;
    for (int row = 0; row < a.rows; row++) {
      const T* src = a.src + 2 * row * a.src_row;
      T* dst = a.dst + row * a.dst_row + first;
      for (int col = 0; col < a.cols; col++, src += 2, dst += a.dst_col) {
        const T* const lines[4] = {src, src + a.src_row, src + 2 * a.src_row, src + third};
        Reg v[4];
        EACH (q, 4) v[q] = N::broadcast(T(0));
        EACH (y, 4)
          EACH (x, 4) {  // in this order each sum gets its taps in theirs
            const Reg pixel = N::broadcast(lines[y][x]);
            EACH (q, 4) {
              const int i = y - q / 2, j = x - q % 2;
              if (i >= 0 && i < 3 && j >= 0 && j < 3) v[q] = N::fma(pixel, weights[3 * i + j], v[q]);
            }
          }
        winners = finish(v, bias, dst, winners, position);
      }
    }
  }

  // As store_pooled, but what compares say of NaN, all bits set, is one itself: a select waits for the ports of FMAs.
  // Returns the winners of the next window.
  static INLINE uint8_t* finish(const Reg (&v)[4], const T* bias, T* dst, uint8_t* winners, int64_t position) {
    const Reg above = N::larger(v[1], v[0]), below = N::larger(v[3], v[2]);
    const auto strange = N::mask_or(N::unordered(v[0], v[1]), N::unordered(v[2], v[3]));
    const Reg value = N::mask_or(strange, N::larger(below, above)) + N::load(bias);
    const auto living = N::greater_or_unordered(value, N::broadcast(T(0)));
    N::store(dst, N::keep(living, value));
    if (!winners) return nullptr;
    const uint32_t live = N::bits(living), low = N::bits(N::greater(below, above));
    const uint32_t right_up = N::bits(N::greater(v[1], v[0])), right_down = N::bits(N::greater(v[3], v[2]));
    store_winner_bits(winners, position, live, low, right_up, right_down);
    return winners + 4 * position;
  }
};
