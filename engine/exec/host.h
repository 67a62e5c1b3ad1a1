// Steps that whoever made the session computes itself: layers of the user's own.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "base/memory.h"

namespace galago {

// Rows of numbers of the session's type, without gaps. Who gets it may keep it.
struct HostArray {
  int64_t rows = 0, size = 0;
  Memory data;
};

struct HostCall {
  int node = -1;  // place in the graph
  bool training = false, backward = false;
  std::vector<HostArray> inputs;      // a row for each example
  std::vector<HostArray> parameters;  // one row each, in Keras's layout
  HostArray gradient;                 // backward: of the output
  // Numbers of each result: forward the output; backward the gradients of all inputs, then of all parameters, 0 where
  // it is not wanted.
  std::vector<int64_t> results;
};

class Host {
 public:
  virtual ~Host() = default;
  // Calls take(result, numbers) for all that are wanted; a parameter that does not learn has no gradient. Whatever it
  // throws ends the step, which then has changed nothing.
  virtual void run(HostCall call, const std::function<void(size_t, const void*)>& take) = 0;
};

}  // namespace galago
