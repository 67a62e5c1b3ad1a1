// Units: what the planner makes of nodes before any step exists. Small pure passes, in this order:
//   fuse     conv + bias + ReLU (+ 2x2 max pool), dense + bias + ReLU
//   demand   what no later unit reads is not computed
//   choose   an implementation and a weight layout for every unit, by its shape alone
// None of them looks at the CPU, the number of threads or the clock: a plan is the same on every machine.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plan/graph.h"

namespace galago {

enum class UnitKind { input, conv, conv_pool, dense, max_pool, average_pool, activation, softmax, flatten };

struct Unit {
  UnitKind kind = UnitKind::input;
  std::string name;
  Shape in, out;   // after demand: what is computed
  Shape conv_out;  // conv_pool: of the convolution inside
  Window window;   // kernel, or pool of a pooling unit
  int64_t groups = 1;
  bool relu = false;
  Activation activation = Activation::linear;
  double alpha = 0;
  int kernel = -1, bias = -1;  // parameters
  bool winograd = false;       // conv_pool: F(2x2,3x3) forward
  bool thin = false;           // conv_pool: few input channels, weight gradients with outputs in the lanes
};

std::vector<Unit> make_units(const Graph& graph);

}  // namespace galago
