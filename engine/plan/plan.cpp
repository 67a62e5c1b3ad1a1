#include "plan/plan.h"

#include <algorithm>
#include <limits>

#include "base/integers.h"
#include "plan/steps.h"

namespace galago {

// Weights (a megabyte of floats) that a core's own cache keeps while one group of rows after the other goes by.
constexpr int64_t kKeptWeights = 1 << 18;

// Whether a step over the batch takes rows, whose results need nothing of other rows. So do all dense layers, but large
// ones are split by outputs: each core then reads some of the weights only. In training that goes for all that have
// outputs to split; those with several parts are split by these. The way back goes by rows through layers of few
// weights: there another stage would cost more than reading them again.
bool goes_by_rows(const Plan& plan, const Step& step) {
  constexpr int64_t few_weights = 1 << 13;
  const Unit& u = plan.units[step.unit];
  switch (step.kernel) {
    case KernelId::load_input:
    case KernelId::activation_forward:
    case KernelId::activation_backward:
    case KernelId::softmax_forward:
    case KernelId::softmax_backward:
    case KernelId::loss: return step.scope == Scope::batch;
    case KernelId::dense_add_parts:
    case KernelId::dense_transpose_gradient: return true;
    case KernelId::dense_backward_input: return u.in.size() * u.out.channels <= few_weights;
    case KernelId::dense_forward:
      return u.out.channels <= kPanel || (plan.mode != Mode::train && u.in.size() * u.out.channels <= kKeptWeights);
    default: return false;
  }
}

namespace {

// A model's last softmax (or sigmoid) and its cross-entropy are one operation, exact where either
// alone would round to 0.
bool fuses_with_loss(const Unit& last, const LossSpec& loss) {
  if (loss.from_logits || !last.out.is_vector()) return false;
  switch (loss.kind) {
    case Loss::sparse_categorical_crossentropy:
    case Loss::categorical_crossentropy: return last.kind == UnitKind::softmax;
    case Loss::binary_crossentropy: return last.kind == UnitKind::activation && last.activation == Activation::sigmoid;
    default: return false;
  }
  return false;
}

// Outputs leave as compact rows, whatever shape they have. Returns the unit that ends one.
int end_in_rows(std::vector<Unit>& units, int output) {
  const Shape shape = units[static_cast<size_t>(output)].out;
  if (shape.is_vector()) return output;
  Unit flatten;
  flatten.kind = UnitKind::flatten;
  flatten.name = "output";
  flatten.inputs = {output};
  flatten.in = shape;
  flatten.out = {1, 1, shape.size()};
  units.push_back(flatten);
  return static_cast<int>(units.size()) - 1;
}

// The outputs, each with its loss.
void add_heads(Plan& plan, const std::vector<int>& outputs, const std::vector<LossSpec>& losses) {
  int64_t positions = 0;
  for (size_t i = 0; i < outputs.size(); i++) {
    const Shape shape = plan.units[static_cast<size_t>(outputs[i])].out;
    Head head{end_in_rows(plan.units, outputs[i]), losses[i]};
    head.positions = shape.rows * shape.cols;
    head.first_position = positions;
    positions += head.positions;
    plan.heads.push_back(head);
  }
  if (plan.mode == Mode::predict) return;
  const std::vector<std::vector<int>> readers = consumers_of(plan.units);
  const auto ends = [&](int unit) {
    return std::ranges::count(plan.heads, unit, &Head::unit) == 1 && readers[static_cast<size_t>(unit)].empty();
  };
  for (Head& head : plan.heads)
    head.fused = ends(head.unit) && fuses_with_loss(plan.units[static_cast<size_t>(head.unit)], head.loss);
}

bool same_stage(const Plan& plan, const Stage& stage, const Step& step) {
  if (stage.scope != step.scope) return false;
  if (step.scope == Scope::images) return true;
  if (stage.rows) return goes_by_rows(plan, step);
  const Step& before = plan.steps[stage.steps.back()];
  return before.kernel == KernelId::dense_backward_input && step.kernel == KernelId::dense_backward_weights &&
         before.unit == step.unit;
}

// Whether one step may write what the other reads or writes.
bool meet(const Step& a, const Step& b) {
  const auto writes = [](const Step& writer, const Step& other) {
    const auto tensors = other.tensors();
    return std::ranges::any_of(writer.results(), [&](int t) { return t >= 0 && std::ranges::count(tensors, t) > 0; });
  };
  return writes(a, b) || writes(b, a);
}

// How many images a step wants at once: as many as Winograd's tiles in flight are of, four at most.
int block_of(const Unit& u, KernelId kernel) {
  const WinogradTiles tiles = winograd_tiles(u, kernel);
  if (tiles.size == 0) return 1;
  const int64_t at_once =
      winograd_tiles_at_once(winograd_points(tiles.size, tiles.taps), u.in.channels, u.out.channels);
  return narrow(std::clamp<int64_t>(divide_up(at_once, tiles.count()), 1, 4));
}

// Steps that meet, directly or through others, are one chain. On the way back the weight gradients of the layer that a
// stage begins with are a chain of their own, beside the gradients of its input and all that follows from them.
void split_chains(const Plan& plan, Stage& stage) {
  std::vector<size_t> chain_of;
  for (size_t i = 0; i < stage.steps.size(); i++) {
    chain_of.push_back(i);
    for (size_t j = 0; j < i; j++) {
      const size_t other = chain_of[j];
      if (other != i && meet(plan.steps[stage.steps[i]], plan.steps[stage.steps[j]]))
        std::ranges::replace(chain_of, other, i);
    }
  }
  std::vector<size_t> places(stage.steps.size(), stage.steps.size());  // of the chains, by their last step
  for (size_t i = 0; i < stage.steps.size(); i++) {
    size_t& place = places[chain_of[i]];
    if (place == stage.steps.size()) {
      place = stage.chains.size();
      stage.chains.emplace_back();
    }
    Chain& chain = stage.chains[place];
    const Step& step = plan.steps[stage.steps[i]];
    chain.images = std::max(chain.images, block_of(plan.units[step.unit], step.kernel));
    chain.steps.push_back(stage.steps[i]);
    if (!writes_weights(step.kernel)) continue;
    for (int p : {plan.units[step.unit].kernel, plan.units[step.unit].bias})
      if (p >= 0) chain.gradients.push_back(p);
  }
}

// What a batch norm finds out about a batch changes all of its images, and a host gets whole batches.
bool waits_for_batch(KernelId kernel) {
  switch (kernel) {
    case KernelId::batch_norm_statistics:
    case KernelId::batch_norm_backward_parameters:
    case KernelId::host_forward:
    case KernelId::host_backward: return true;
    default: return false;
  }
}

void group_stages(Plan& plan) {
  if (!plan.packs.empty()) plan.stages.push_back({Scope::weights, false, false, {}, {}});
  for (int i = 0; i < static_cast<int>(plan.steps.size()); i++) {
    const Step& step = plan.steps[i];
    if (plan.stages.empty() || plan.stages.back().steps.empty() || !same_stage(plan, plan.stages.back(), step))
      plan.stages.push_back({step.scope, false, goes_by_rows(plan, step), {}, {}});
    Stage& stage = plan.stages.back();
    stage.steps.push_back(i);
    if (step.scope == Scope::images && writes_weights(step.kernel)) stage.shards = true;
  }
  for (Stage& stage : plan.stages) {
    if (stage.scope == Scope::images) split_chains(plan, stage);
    for (const Chain& chain : stage.chains) plan.images_at_once = std::max(plan.images_at_once, chain.images);
  }
}

// An input that only dense layers read is loaded by the rows that they take, and not at all where the user's array is
// what they would read.
void find_plain_inputs(Plan& plan, const std::vector<Shape>& samples) {
  for (Step& load : plan.steps) {
    if (load.kernel != KernelId::load_input) continue;
    const int input = load.dst, source = plan.units[static_cast<size_t>(load.unit)].source;
    Tensor& t = plan.tensors[static_cast<size_t>(input)];
    const bool compact = t.col == t.shape.channels && t.top + t.bottom + t.left + t.right == 0;
    const bool whole = t.shape.size() == samples[static_cast<size_t>(source)].size();
    const bool output = std::ranges::count(plan.heads, input, &Head::tensor) > 0;
    const auto fits = [&](const Step& step) {
      return std::ranges::count(step.tensors(), input) == 0 || &step == &load ||
             step.kernel == KernelId::dense_forward || step.kernel == KernelId::dense_backward_weights;
    };
    if (output || !compact || !whole || !std::ranges::all_of(plan.steps, fits)) continue;
    t.plain_input = source;
    load.scope = Scope::batch;
  }
}

// When a tensor is in use, counted in steps.
struct Lifetime {
  int first = -1, last = -1;
  int stage = -1;
  bool shared = false;  // by several stages, or over the batch
  bool kept = false;    // until the batch is over
};

std::vector<Lifetime> lifetimes(const Plan& plan) {
  std::vector<Lifetime> lives(plan.tensors.size());
  for (int s = 0; s < static_cast<int>(plan.stages.size()); s++) {
    const Stage& stage = plan.stages[s];
    for (int i : stage.steps)
      for (int t : plan.steps[i].tensors()) {
        if (t < 0) continue;
        Lifetime& life = lives[t];
        // Chains run side by side, and so do parts of steps over the batch that stand in one stage.
        const bool batch = stage.scope == Scope::batch, side_by_side = batch || stage.chains.size() > 1;
        if (life.first < 0) life.first = side_by_side ? stage.steps.front() : i;
        life.last = side_by_side ? stage.steps.back() : i;
        life.shared = life.shared || batch || (life.stage >= 0 && life.stage != s);
        life.stage = s;
      }
  }
  for (const Head& head : plan.heads) lives[head.tensor].kept = true;
  for (const Step& step : plan.steps)
    if (sums_the_batch(step.kernel))
      for (int t : {step.src, step.grad}) lives[t].kept = true;
  for (Lifetime& life : lives)
    if (life.kept) life.shared = true, life.last = std::numeric_limits<int>::max();
  return lives;
}

// Kernels and tables of taps count elements of one image in 32 bits, and the quads of a thin layer are four times
// as many (which `check` sees to for the map itself; here its halo counts too).
void check_size(const Tensor& tensor) {
  const int64_t rows = tensor.top + tensor.shape.rows + tensor.bottom;
  if (!tensor.winners && checked_multiply(rows, tensor.row()) > std::numeric_limits<int32_t>::max() / 4)
    throw EngineError("'" + tensor.name + "' with its padding has too many elements: " + std::to_string(rows) +
                      " rows of " + std::to_string(tensor.row()) + ".");
}

// Whether two maps may follow each other in one place: with a halo only the same geometry, whose zeros then stay.
bool may_follow(const Tensor& a, const Tensor& b) {
  const auto halo = [](const Tensor& t) { return t.top + t.bottom + t.left + t.right; };
  if (halo(a) + halo(b) == 0) return a.elements() == b.elements();
  return a.shape.rows == b.shape.rows && a.shape.cols == b.shape.cols && a.col == b.col && a.top == b.top &&
         a.bottom == b.bottom && a.left == b.left && a.right == b.right;
}

// A buffer that only one stage over images uses is needed once a thread; all others once an image. Maps whose times do
// not meet take each other's place, the one that was used last before: it is still in cache.
void place_tensors(Plan& plan) {
  const std::vector<Lifetime> lives = lifetimes(plan);
  std::vector<int> order;
  for (size_t t = 0; t < plan.tensors.size(); t++) order.push_back(static_cast<int>(t));
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return lives[a].first < lives[b].first; });
  std::vector<int> places;  // the tensor that was put last into each place
  for (int t : order) {
    Tensor& tensor = plan.tensors[t];
    check_size(tensor);
    tensor.scratch = !lives[t].shared;
    tensor.kept = lives[t].kept;
    int* place = nullptr;
    if (!tensor.winners && !tensor.fixed && !tensor.shape.is_vector())
      for (int& before : places) {
        const Tensor& b = plan.tensors[before];
        if (b.scratch == tensor.scratch && b.kept == tensor.kept && lives[before].last < lives[t].first &&
            may_follow(b, tensor) && (!place || lives[before].last > lives[*place].last))
          place = &before;
      }
    if (place) {
      tensor.offset = plan.tensors[*place].offset;
      *place = t;
      continue;
    }
    int64_t& end = tensor.winners   ? (tensor.scratch ? plan.scratch_winners : plan.image_winners)
                   : tensor.scratch ? plan.scratch_elements
                   : tensor.kept    ? plan.kept_elements
                                    : plan.image_elements;
    tensor.offset = end;
    end = checked_add(end, tensor.elements());
    if (!tensor.winners && !tensor.fixed && !tensor.shape.is_vector()) places.push_back(t);
  }
}

}  // namespace

bool writes_weights(KernelId kernel) {
  return kernel == KernelId::dense_backward_weights || kernel == KernelId::conv_backward_weights ||
         kernel == KernelId::conv_winograd_backward_weights || kernel == KernelId::depthwise_backward_weights ||
         kernel == KernelId::layer_norm_backward_weights || kernel == KernelId::conv_relu_maxpool_backward_weights ||
         kernel == KernelId::conv_relu_maxpool_backward_weights_thin;
}

bool sums_the_batch(KernelId kernel) { return kernel == KernelId::dense_backward_weights; }

WinogradTiles winograd_tiles(const Unit& u, KernelId kernel) {
  const auto cut = [&u](int64_t size, const Shape& out) {
    const int64_t tile = std::max<int64_t>(size, 1);
    return WinogradTiles{narrow(size), narrow(u.window.rows), 1, narrow(divide_up(out.rows, tile)),
                         narrow(divide_up(out.cols, tile))};
  };
  switch (kernel) {
    case KernelId::conv_winograd_forward: return cut(u.winograd, u.out);
    case KernelId::conv_winograd_relu_maxpool_forward: return cut(u.winograd, u.conv_out);
    case KernelId::conv_winograd_backward_input: return cut(u.winograd_input, u.in);
    case KernelId::conv_winograd_backward_weights: return cut(u.winograd_weights, u.out);
    default: return {};
  }
}

const char* kernel_name(KernelId id) {
  static const char* const names[] = {
#define KERNEL(name, Args) #name,
#include "kernels/kernels.def"
#undef KERNEL
      "host_forward", "host_backward"};
  return names[static_cast<size_t>(id)];
}

std::vector<Penalty> penalties_of(const Graph& graph) {
  std::vector<Penalty> found;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::activity) continue;
    Penalty penalty{{}, node.shape};
    penalty.loss.kind = Loss::activity;
    penalty.loss.reduction = Reduction::sum_over_images;
    penalty.loss.options.l1 = node.l1;
    penalty.loss.options.l2 = node.l2;
    found.push_back(penalty);
  }
  return found;
}

Plan make_plan(const Graph& graph, Mode mode, const std::vector<LossSpec>& losses, const std::vector<bool>& trainable) {
  Plan plan;
  plan.mode = mode;
  Units units = make_units(graph, mode);
  plan.units = std::move(units.all);
  plan.parameters = plan_parameters(graph);
  for (const ParameterPlan& p : plan.parameters) {
    int64_t& end = p.sharded ? plan.sharded_elements : plan.batch_elements;
    end = std::max(end, p.offset + padded(p.elements));
  }
  std::vector<LossSpec> all = losses;
  for (const Penalty& penalty : penalties_of(graph)) all.push_back(penalty.loss);
  add_heads(plan, units.outputs, all);
  StepBuilder builder(plan, trainable);
  builder.forward();
  if (mode != Mode::predict) builder.losses();
  if (mode == Mode::train) builder.backward();
  find_plain_inputs(plan, input_shapes(graph));
  group_stages(plan);
  plan.micro_batches = mode == Mode::train && std::ranges::none_of(plan.steps, waits_for_batch, &Step::kernel);
  place_tensors(plan);
  return plan;
}

int shard_count(const Plan& plan, int64_t batch) {
  // Eight images, so that clearing and adding the sums of groups stays small beside making them; of small batches as
  // few as four, so that four threads have something to do. 64 MB of sums at most.
  constexpr int64_t images = 8, fewest = 4, few = 4, most_elements = 16 << 20;
  const int64_t by_batch = std::max(std::min(divide_up(batch, fewest), few), divide_up(batch, images));
  const int64_t by_memory = std::max<int64_t>(1, most_elements / std::max<int64_t>(1, plan.sharded_elements));
  return static_cast<int>(std::min<int64_t>({by_batch, by_memory, kMaxShards}));
}

}  // namespace galago
