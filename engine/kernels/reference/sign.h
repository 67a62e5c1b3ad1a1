// The sign of a number.
#pragma once

namespace galago::reference {

// 1, 0 or -1 as x is above, at or below 0; NaN stays.
template <class T>
T sign(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : x;
}

}  // namespace galago::reference
