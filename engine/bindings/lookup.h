// Names as Python gives them.
#pragma once
#include <string>

#include "base/error.h"

namespace galago {

// The place of a name among those of an enumeration. Throws EngineError.
template <size_t N>
int lookup(const char* const (&names)[N], const std::string& name, const char* what) {
  for (size_t i = 0; i < N; i++)
    if (name == names[i]) return static_cast<int>(i);
  throw EngineError("unknown " + std::string(what) + " '" + name + "'.");
}

}  // namespace galago
