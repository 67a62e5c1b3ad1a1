// Units: what the planner makes of nodes before any step exists. Small pure passes, in this order:
//   fuse     conv + bias + ReLU (+ 2x2 max pool), dense + bias + ReLU, batch norm + ReLU, merge + ReLU;
//            outside training also conv + batch norm; what does nothing in this mode is left out
//   absorb   zero padding in front of convolutions becomes theirs
//   demand   what no later unit reads is not computed
//   choose   an implementation for every unit, by its shape alone
// None of them looks at the CPU, the number of threads or the clock: a plan is the same on every machine.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plan/graph.h"

namespace galago {

enum class Mode { predict, test, train };

enum class UnitKind {
  input,
  conv,
  conv_pool,
  depthwise,
  dense,
  max_pool,
  average_pool,
  activation,
  softmax,
  flatten,
  pad,
  batch_norm,
  merge,
  concatenate,
  dropout,
  reshape,
  permute,
  crop,
  upsample,
  dilate,
  gaussian_noise,
  layer_norm,
  resize,
  host,
  warp,
  tone
};

struct Unit {
  UnitKind kind = UnitKind::input;
  std::string name;
  std::vector<int> inputs;  // units
  int source = -1;          // input: which of the graph's
  Shape in, out;            // of the first input and the output; after demand: what is computed
  Shape conv_out;           // conv_pool: of the convolution inside
  Window window;            // kernel, pool, what a pad or crop adds or takes away
  int64_t groups = 1;
  bool relu = false;
  Activation activation = Activation::linear;
  double alpha = 0, activation_beta = 0, limit = 0;
  Merge merge = Merge::add;
  std::array<int, 3> order{};  // permute
  double rate = 0;             // dropout; gaussian_noise: the standard deviation
  uint64_t seed = 0;           // of what draws
  bool spatial = false;        // dropout
  Resizing resizing;
  Warping warping;
  Toning toning;
  int64_t whole_cols = 0;      // columns before demand, which draws are numbered by
  int kernel = -1, bias = -1;  // parameters; layer_norm: gamma and beta
  bool transposed = false;     // its kernel
  int node = -1;               // host: which of the graph's ...
  std::vector<int> weights;    // ... and its parameters
  Normalization normalization;
  int gamma = -1, beta = -1, mean = -1, variance = -1;  // parameters of a batch norm ...
  bool normalized = false;                              // ... that a convolution has taken in
  // Outputs of a tile of Winograd's algorithm along an axis, where it runs forward, for the gradient of the input and
  // for that of the weights; 0 where it does not.
  int64_t winograd = 0, winograd_input = 0, winograd_weights = 0;
  bool thin = false;  // conv_pool: few input channels, weight gradients with outputs in the lanes

  // A batch norm that takes mean and variance from the batch, and moves its own after them.
  bool learns_statistics() const { return kind == UnitKind::batch_norm && !normalization.inference; }
};

// The outputs of whole tiles; 0: there are none.
inline int64_t whole_tiles(int64_t outputs, int64_t tile) {
  return tile > 0 ? divide_up(outputs, tile) * tile : outputs;
}

struct Units {
  std::vector<Unit> all;
  std::vector<int> outputs;  // which of them are the graph's; then, outside of predictions, those with a penalty
};

// Of a graph whose parameters have one use each.
Units make_units(const Graph& graph, Mode mode);

// The units that read each unit's output.
std::vector<std::vector<int>> consumers_of(const std::vector<Unit>& units);

}  // namespace galago
