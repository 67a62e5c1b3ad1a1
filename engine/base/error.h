// The one exception of the engine.
#pragma once
#include <stdexcept>

namespace galago {

// Reaches Python as galago.errors.EngineError. Raised before any work; kernels never raise.
struct EngineError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace galago
