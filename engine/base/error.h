// Errors of the engine, and arithmetic on sizes that cannot wrap.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace galago {

// Reaches Python as galago.errors.EngineError. Raised before any work; kernels never raise.
struct EngineError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

}  // namespace galago
