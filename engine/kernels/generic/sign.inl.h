#pragma once

// 1, 0 or -1 as x is above, at or below 0; NaN stays.
template <class T>
INLINE Block<T> sign(const Block<T>& x) {
  const Block<T> one = broadcast(T(1)), none = zero<T>();
  return select(greater(x, none), one, select(greater(none, x), none - one, x));
}
