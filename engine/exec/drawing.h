// What an image draws for itself: from the seed of the layer, the step and its row in the batch alone.
#pragma once
#include <array>
#include <cstdint>

#include "base/philox.h"
#include "base/turns.h"
#include "plan/units.h"

namespace galago {

using Words = std::array<uint32_t, 4>;
// Where in another picture a position is: two rows of factors for (row, column, 1).
using Places = std::array<std::array<double, 3>, 2>;

inline Words draw_image(uint64_t seed, uint64_t step, int64_t image) {
  return philox({0, static_cast<uint32_t>(image), static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)},
                seed);
}
// Evenly from [low, high).
inline double between(double low, double high, uint32_t word) { return low + (high - low) * (word * 0x1p-32); }
// Evenly from 0 to count - 1.
inline int64_t below(int64_t count, uint32_t word) {
  return static_cast<int64_t>((uint64_t{word} * static_cast<uint64_t>(count)) >> 32);
}

// Keras's conventions: turns go around the middle, (rows - 1) / 2; a zoom above 1 makes the picture smaller.
inline Places places_of(const Unit& u, const Words& words) {
  const Warping& w = u.warping;
  const auto& range = w.ranges;
  const auto rows = static_cast<double>(u.in.rows), cols = static_cast<double>(u.in.cols);
  const double middle_row = (rows - 1) / 2, middle_col = (cols - 1) / 2;
  const auto drawn = [&](size_t axis) {
    const size_t of = w.joint ? 0 : axis;
    return between(range[2 * of], range[2 * of + 1], words[of]);
  };
  switch (w.kind) {
    case WarpKind::flip: {
      const bool sideways = range[0] != 0 && words[0] >> 31, over = range[1] != 0 && words[1] >> 31;
      return {{{over ? -1.0 : 1.0, 0, over ? rows - 1 : 0}, {0, sideways ? -1.0 : 1.0, sideways ? cols - 1 : 0}}};
    }
    case WarpKind::rotation: {
      const double turns = between(range[0], range[1], words[0]);
      const double sine = sine_of_turns(turns), cosine = cosine_of_turns(turns);
      return {{{cosine, sine, middle_row - middle_row * cosine - middle_col * sine},
               {-sine, cosine, middle_col - middle_col * cosine + middle_row * sine}}};
    }
    case WarpKind::translation: return {{{1, 0, -drawn(0) * rows}, {0, 1, -drawn(1) * cols}}};
    case WarpKind::zoom: {
      const double down = 1 + drawn(0), across = 1 + drawn(1);
      return {{{down, 0, middle_row * (1 - down)}, {0, across, middle_col * (1 - across)}}};
    }
    case WarpKind::crop: {
      const auto start = [](int64_t size, int64_t left, uint32_t word) {
        return static_cast<double>(below(size - left + 1, word));
      };
      return {{{1, 0, start(u.in.rows, u.out.rows, words[0])}, {0, 1, start(u.in.cols, u.out.cols, words[1])}}};
    }
  }
  return {};
}

}  // namespace galago
