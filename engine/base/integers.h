// Arithmetic on sizes that cannot wrap.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"

namespace galago {

inline int64_t checked_add(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    throw EngineError("size overflow: " + std::to_string(a) + " + " + std::to_string(b));
  return sum;
}
inline int64_t checked_multiply(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    throw EngineError("size overflow: " + std::to_string(a) + " x " + std::to_string(b));
  return product;
}

constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// For sizes inside one image, which the planner has checked to fit (plan/plan.cpp).
constexpr int32_t narrow(int64_t n) { return static_cast<int32_t>(n); }

}  // namespace galago
