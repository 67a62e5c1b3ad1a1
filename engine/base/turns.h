// Sine and cosine of an angle in turns, from sums and products alone: libm is not the same everywhere.
#pragma once
#include <cmath>

namespace galago {

// Of x = 2 pi times at most an eighth of a turn, within one unit of the last place.
inline double small_sine(double x) {
  const double z = x * x;
  double sum = 0;
  for (int n = 17; n > 1; n -= 2) sum = (1 + sum) * (-z / (n * (n - 1)));
  return x * (1 + sum);
}
inline double small_cosine(double x) {
  const double z = x * x;
  double sum = 0;
  for (int n = 18; n > 1; n -= 2) sum = (1 + sum) * (-z / (n * (n - 1)));
  return 1 + sum;
}

// Exact at quarters of a turn.
inline double sine_of_turns(double turns) {
  constexpr double two_pi = 6.283185307179586477;
  const double part = turns - std::floor(turns + 0.5);  // -1/2 .. 1/2
  const double size = std::fabs(part), up = size > 0.25 ? 0.5 - size : size;
  const double sine = up > 0.125 ? small_cosine(two_pi * (0.25 - up)) : small_sine(two_pi * up);
  return part < 0 ? -sine : sine;
}
inline double cosine_of_turns(double turns) { return sine_of_turns(turns - std::floor(turns) + 0.25); }

}  // namespace galago
