// A plan: what to run, in which order, on which buffers. Plain data; sizes in elements,
// independent of the element type.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plan/resampling.h"
#include "plan/units.h"

namespace galago {

// What the losses of the rows are divided by before the gradient is taken.
enum class Reduction { sum_over_batch_size, sum, mean_with_sample_weight, sum_over_images };

struct LossSpec {
  Loss kind = Loss::none;
  LossOptions options;
  Reduction reduction = Reduction::sum_over_batch_size;
  bool from_logits = false;
  Accuracy accuracy = Accuracy::none;
  double weight = 1;  // of this output's loss in the sum that is minimized
};

// An output of the model, or a map that has a penalty: the unit that makes it, where it ends in compact rows, and what
// it is measured by.
struct Head {
  int unit;
  LossSpec loss;
  int64_t positions = 1;       // rows of the loss in it: a map has one at each place
  int64_t first_position = 0;  // how many other outputs have before it
  bool fused = false;          // its softmax or sigmoid is part of the loss
  int tensor = -1;
};

// The kernels, and what a host computes.
enum class KernelId {
#define KERNEL(name, Args) name,
#include "kernels/kernels.def"
#undef KERNEL
  host_forward,
  host_backward
};
const char* kernel_name(KernelId id);
bool writes_weights(KernelId kernel);  // its result is a weight gradient
// Sums over all images of the batch, which nothing else of the step waits for.
bool sums_the_batch(KernelId kernel);
// How a kernel cuts one image of a unit into tiles; of size 0 where it does not.
WinogradTiles winograd_tiles(const Unit& unit, KernelId kernel);

// A buffer of one image: a map with its halo, or the winners of a pool.
struct Tensor {
  std::string name;
  Shape shape;
  int64_t col = 0;  // elements from one column to the next: channels, padded to 16 where a kernel writes them
  int64_t top = 0, bottom = 0, left = 0, right = 0;  // halo, always zero in outputs
  int plain_input = -1;  // which of the inputs it is, if dense layers could read it where the user has it
  bool winners = false;  // 16-bit bit masks or indices instead of numbers
  int64_t winner_count = 0;
  bool fixed = false;    // its memory is its own: parts that nobody writes have to stay zero
  bool scratch = false;  // one a thread instead of one an image
  bool kept = false;     // until the batch is over, not only while its micro-batch is under way
  int64_t offset = -1;   // elements from the start of its arena
  int64_t row() const { return (left + shape.cols + right) * col; }
  int64_t origin() const { return top * row() + left * col; }
  // Whole cache lines, and a spare block: full-width loads may look past the last channel.
  int64_t elements() const {
    return winners ? padded(winner_count) : padded((top + shape.rows + bottom) * row()) + kBlock;
  }
};

enum class WeightLayout { dense, hwio, ohwi, vector };

// A parameter as the engine keeps it.
struct ParameterPlan {
  WeightLayout layout = WeightLayout::vector;
  int64_t groups = 1, taps = 1, inputs = 1, outputs = 1;  // inputs and outputs of one group
  int64_t elements = 0;                                   // of all groups, padded
  int64_t group_elements() const { return elements / groups; }
  // As rows of numbers, the used ones of each before its padding.
  bool by_inputs() const { return layout == WeightLayout::ohwi; }
  int64_t row_used() const { return by_inputs() ? inputs : outputs; }
  int64_t rows() const {
    if (layout == WeightLayout::vector) return 1;
    return groups * taps * (by_inputs() ? outputs : inputs);
  }
  bool transposed = false;         // Keras has inputs last, and the taps from the last to the first
  bool sharded = false;            // its gradient is summed by groups of images
  bool statistic = false;          // moved by its batch norm, not by the optimizer: its "gradient" is its new value
  int64_t offset = 0;              // elements into the arena of its kind
  int original = -1, before = -1;  // of a copy: what it is a copy of, and the use before this one
};

// The part of a convolution's input gradient whose positions are equal modulo the stride: a convolution of its own.
struct InputClass {
  int64_t first_row, first_col, rows, cols;  // of the input
  std::vector<int32_t> tap_order;            // weights: which taps
  std::vector<int32_t> taps;                 // offsets into the gradient
  int64_t pack_offset;                       // elements, within one group's packed weights
};

// Images of a task over rows of the batch.
constexpr int64_t kRowsATask = 16;

// Where steps run: once for changed weights, for each image, over the whole batch.
enum class Scope { weights, images, batch };

struct Step {
  Step(KernelId what, Scope over, int of_unit) : kernel(what), scope(over), unit(of_unit) {}
  KernelId kernel;
  Scope scope;
  int unit;
  int src = -1, dst = -1, out = -1, winners = -1, grad = -1, grad_src = -1;  // tensors
  int head = -1;                                                             // loss: of which output
  int other = -1;                        // a second source, or what a batch norm finds out about each image
  int pack = -1;                         // packed weights
  int coefficients = -1;                 // pack of a batch norm with fixed statistics
  int64_t channel = 0;                   // copy_map: first channel in the larger map
  int64_t first_row = 0, first_col = 0;  // copy_map: first position in the larger map
  bool relu = false;                     // merge_maps
  Merge merge = Merge::add;              // merge_maps, merge_backward
  int operand = 0;                       // merge_backward: of which input
  bool thin = false;                     // conv_forward, conv_backward_input: few outputs
  bool apart = false;                    // dense_forward: the sums of its parts are left side by side
  int64_t state = -1;                    // elements into what batch norms keep: NormState
  std::vector<int32_t> taps;             // offsets into src
  std::vector<InputClass> classes;       // conv_backward_input
  AxisTable by_row, by_col;              // resize
  std::vector<int> sources;              // host_forward, host_backward: of each input
  std::vector<int> grad_sources;         // host_backward: the gradient of each input, -1 where nobody wants it
  // All tensors it reads or writes.
  std::vector<int> tensors() const {
    std::vector<int> all{src, dst, out, winners, grad, grad_src, other};
    all.insert(all.end(), sources.begin(), sources.end());
    all.insert(all.end(), grad_sources.begin(), grad_sources.end());
    return all;
  }
  // Those it may write. Winners are found on the way forward.
  std::vector<int> results() const {
    std::vector<int> all{dst, grad_src, other, grad < 0 ? winners : -1};
    all.insert(all.end(), grad_sources.begin(), grad_sources.end());
    return all;
  }
};

struct Pack {
  KernelId kernel;
  int unit;
  int64_t elements = 0;  // of all groups
  int64_t group_elements = 0;
  std::vector<InputClass> classes;  // pack_panels_transposed
  int64_t offset = 0;
};

// Steps of a stage over images that follow each other: for a block of images one step after the other, so that its data
// stays in cache and steps that read many weights read them for several images.
struct Chain {
  std::vector<int> steps;
  int images = 1;              // of a block
  std::vector<int> gradients;  // parameters whose sums it makes
};

// Steps that run between two barriers. Over images they are chains that need nothing of each other; over the batch all
// follow each other for one part of the work after the other.
struct Stage {
  Scope scope;
  bool shards = false;  // images: in the fixed groups that weight gradients are summed by
  bool rows = false;    // batch: a part is some rows, which need nothing of the others in any of the steps
  std::vector<int> steps;
  std::vector<Chain> chains;  // images: the same steps
};

struct Plan {
  Mode mode = Mode::predict;
  std::vector<Unit> units;
  std::vector<Head> heads;  // one for each output of the graph, then, outside of predictions, for each penalty
  std::vector<ParameterPlan> parameters;
  std::vector<Tensor> tensors;
  std::vector<Pack> packs;
  std::vector<Step> steps;
  std::vector<Stage> stages;
  // Whether some images may go all the way there and back before others start.
  bool micro_batches = false;
  int64_t kept_elements = 0;                          // one an image of the batch
  int64_t image_elements = 0, image_winners = 0;      // one an image of a micro-batch
  int64_t scratch_elements = 0, scratch_winners = 0;  // one a thread and image of a block
  int images_at_once = 1;                             // the largest block
  int64_t work_elements = 0;                          // one a thread: what kernels need besides
  int64_t sharded_elements = 0, batch_elements = 0;   // of gradients
  int64_t pack_elements = 0;
  int64_t state_elements = 0;      // of batch norms, one a step
  int64_t transposed_outputs = 0;  // dense gradients with the batch in the lanes
};

// The same for every mode, so that plans of one model can share its weights. Each use of a parameter has its own copy.
std::vector<ParameterPlan> plan_parameters(const Graph& graph);

// What a map of the graph adds to the loss.
struct Penalty {
  LossSpec loss;
  Shape shape;
};
// Of all nodes of op activity, in their order.
std::vector<Penalty> penalties_of(const Graph& graph);

// `losses` has one for each output of the graph.
Plan make_plan(const Graph& graph, Mode mode, const std::vector<LossSpec>& losses, const std::vector<bool>& trainable);

std::string print(const Plan& plan);

// Groups of images whose weight gradients are summed apart: a function of the batch and the model alone.
int shard_count(const Plan& plan, int64_t batch);

}  // namespace galago
