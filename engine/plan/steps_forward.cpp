#include <algorithm>

#include "base/integers.h"
#include "plan/steps.h"

namespace galago {
namespace {

bool convolves(UnitKind kind) {
  return kind == UnitKind::conv || kind == UnitKind::conv_pool || kind == UnitKind::depthwise;
}

// Zeros around a convolution's input, wide enough that none of its windows leaves the buffer.
void add_halo(Tensor& tensor, const Unit& consumer) {
  if (!convolves(consumer.kind)) return;
  const Window& w = consumer.window;
  const Shape& out = consumer.kind == UnitKind::conv_pool ? consumer.conv_out : consumer.out;
  // Winograd's last tiles reach further where outputs do not fill them.
  const auto beyond = [&](int64_t outputs, int64_t stride, int64_t span, int64_t before, int64_t size) {
    const int64_t most =
        std::max(whole_tiles(outputs, consumer.winograd), whole_tiles(outputs, consumer.winograd_weights));
    return (most - 1) * stride + span - before - size;
  };
  tensor.top = std::max(tensor.top, w.top);
  tensor.left = std::max(tensor.left, w.left);
  tensor.bottom = std::max(tensor.bottom, beyond(out.rows, w.stride_rows, w.span_rows(), w.top, tensor.shape.rows));
  tensor.right = std::max(tensor.right, beyond(out.cols, w.stride_cols, w.span_cols(), w.left, tensor.shape.cols));
}

}  // namespace

bool rearranges(UnitKind kind) {
  switch (kind) {
    case UnitKind::flatten:
    case UnitKind::pad:
    case UnitKind::crop:
    case UnitKind::reshape:
    case UnitKind::permute:
    case UnitKind::upsample:
    case UnitKind::dilate: return true;
    default: return false;
  }
}

void set_corner(Step& step, const Unit& u) {
  if (u.kind != UnitKind::pad && u.kind != UnitKind::crop) return;
  step.first_row = u.window.top;
  step.first_col = u.window.left;
}

StepBuilder::StepBuilder(Plan& plan, const std::vector<bool>& trainable)
    : plan_(plan),
      trainable_(trainable),
      consumers_(consumers_of(plan.units)),
      out_(plan.units.size(), -1),
      winners_(plan.units.size(), -1),
      grad_(plan.units.size(), -1),
      coefficients_(plan.units.size(), -1),
      state_(plan.units.size(), -1),
      learns_(plan.units.size(), false),
      scope_(plan.units.size(), Scope::images) {}

int StepBuilder::add_tensor(const std::string& name, const Shape& shape, int64_t col) {
  Tensor t;
  t.name = name;
  t.shape = shape;
  t.col = col;
  plan_.tensors.push_back(t);
  aliased_.push_back(false);
  return static_cast<int>(plan_.tensors.size()) - 1;
}

int StepBuilder::add_winners(const std::string& name, int64_t count) {
  const int t = add_tensor(name, {}, 0);
  tensor(t).winners = true;
  tensor(t).winner_count = count;
  return t;
}

Step& StepBuilder::add_step(KernelId kernel, Scope scope, int unit) {
  const Step step(kernel, scope, unit);
  if (!goes_by_rows(plan_, step)) add_held_back();
  plan_.steps.push_back(step);
  return plan_.steps.back();
}

void StepBuilder::add_held_back() {
  plan_.steps.insert(plan_.steps.end(), held_back_.begin(), held_back_.end());
  held_back_.clear();
}

int StepBuilder::add_pack(KernelId kernel, int unit, int64_t group_elements, int64_t groups) {
  Pack pack;
  pack.kernel = kernel;
  pack.unit = unit;
  pack.group_elements = group_elements;
  pack.elements = checked_multiply(group_elements, groups);
  pack.offset = plan_.pack_elements;
  plan_.pack_elements += padded(pack.elements);
  plan_.packs.push_back(pack);
  return static_cast<int>(plan_.packs.size()) - 1;
}

// Offsets of the taps from the element that tap 0 of output (0, 0) reads.
std::vector<int32_t> StepBuilder::taps(const Unit& unit, const Tensor& src) const {
  std::vector<int32_t> offsets;
  for (int64_t r = 0; r < unit.window.rows; r++)
    for (int64_t c = 0; c < unit.window.cols; c++)
      offsets.push_back(
          static_cast<int32_t>(r * unit.window.dilation_rows * src.row() + c * unit.window.dilation_cols * src.col));
  return offsets;
}

// Convolutional parts run image by image, while an image is in cache; dense layers and what stands right behind them,
// over the batch.
Scope StepBuilder::scope_of(int i) const {
  const Unit& u = unit(i);
  if (u.kind == UnitKind::dense || (u.kind == UnitKind::host && u.out.is_vector())) return Scope::batch;
  const bool rows = u.kind == UnitKind::activation || u.kind == UnitKind::softmax || u.kind == UnitKind::flatten;
  return rows && scope_[static_cast<size_t>(u.inputs[0])] == Scope::batch ? Scope::batch : Scope::images;
}

// The tensor of a unit's output. A network's input keeps few channels as they are for convolutions, and all where it
// is only flattened; everything a kernel writes is padded to whole blocks.
int StepBuilder::add_output(int i) {
  const Unit& u = unit(i);
  const std::vector<int>& readers = consumers_[static_cast<size_t>(i)];
  const auto all = [&](auto&& fits) {
    return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](int r) { return fits(unit(r).kind); });
  };
  const bool input = u.kind == UnitKind::input;
  const bool flattened = all([](UnitKind kind) { return kind == UnitKind::flatten; });
  const bool narrow = u.out.channels < kBlock && all([](UnitKind kind) {
                        return kind == UnitKind::conv || kind == UnitKind::conv_pool || kind == UnitKind::flatten ||
                               kind == UnitKind::resize || kind == UnitKind::warp || kind == UnitKind::tone;
                      });
  const int t = add_tensor(u.name, u.out, input && (flattened || narrow) ? u.out.channels : padded(u.out.channels));
  for (int r : readers) add_halo(tensor(t), unit(r));
  // Kernels that write no padding rely on zeros there.
  tensor(t).fixed = input || u.kind == UnitKind::concatenate || u.kind == UnitKind::host || rearranges(u.kind) ||
                    (u.kind == UnitKind::conv && u.groups > 1);
  return t;
}

// Whether a convolution to a map of few channels, from one of so many, is one with positions in the lanes.
bool StepBuilder::leaves_lanes(const Unit& u, const Shape& to, int64_t channels) {
  constexpr int64_t most_elements = 1 << 16;  // of the map turned round, so that it stays in L2
  const Window& w = u.window;
  const int64_t scratch = thin_scratch(to.rows, to.cols, channels, w.span_rows(), w.span_cols());
  if (u.groups > 1 || w.stride_rows > 1 || w.stride_cols > 1 || scratch > most_elements ||
      !is_thin(to.cols, to.channels, w.rows * w.cols, channels))
    return false;
  plan_.work_elements = std::max(plan_.work_elements, scratch);
  return true;
}

void StepBuilder::forward_conv(int i) {
  const Unit& u = unit(i);
  const bool pooled = u.kind == UnitKind::conv_pool, depthwise = u.kind == UnitKind::depthwise;
  const int64_t k_count = u.window.rows * u.window.cols * (u.in.channels / u.groups);
  const int64_t outputs = padded(u.out.channels / u.groups);
  int pack = -1;
  if (!depthwise)
    pack = u.winograd
               ? add_pack(KernelId::pack_winograd, i,
                          winograd_points(u.winograd, u.window.rows) * winograd_point(u.in.channels, u.out.channels), 1)
               : add_pack(KernelId::pack_panels, i, k_count * outputs, u.groups);
  const int coefficients = u.normalized ? add_coefficients(i) : -1;
  if (pooled && plan_.mode == Mode::train)
    winners_[i] = add_winners(u.name + ".winners", u.out.rows * u.out.cols * 4 * (outputs / kBlock));
  if (u.winograd) {  // under a pool also a map of sums
    const int64_t sums = whole_tiles(u.conv_out.rows, u.winograd) * whole_tiles(u.conv_out.cols, u.winograd) * kBlock;
    const int64_t points = winograd_points(u.winograd, u.window.rows);
    plan_.work_elements =
        std::max(plan_.work_elements, winograd_scratch(points, u.in.channels, u.out.channels) + (pooled ? sums : 0));
  }
  const bool thin = !pooled && !depthwise && !u.winograd && leaves_lanes(u, u.out, u.in.channels);
  Step& step =
      add_step(depthwise    ? KernelId::depthwise_forward
               : u.winograd ? (pooled ? KernelId::conv_winograd_relu_maxpool_forward : KernelId::conv_winograd_forward)
               : pooled     ? KernelId::conv_relu_maxpool_forward
                            : KernelId::conv_forward,
               Scope::images, i);
  step.src = source(i);
  step.dst = out_[i];
  step.winners = winners_[i];
  step.pack = pack;
  step.coefficients = coefficients;
  step.thin = thin;
  step.taps = taps(u, tensor(step.src));
}

void StepBuilder::forward_pool(int i) {
  const Unit& u = unit(i);
  const bool max = u.kind == UnitKind::max_pool;
  if (max && plan_.mode == Mode::train)
    winners_[i] = add_winners(u.name + ".winners", u.out.rows * u.out.cols * padded(u.out.channels));
  Step& step = add_step(max ? KernelId::maxpool_forward : KernelId::avgpool_forward, Scope::images, i);
  step.src = source(i);
  step.dst = out_[i];
  step.winners = winners_[i];
}

// Row-major (row, column, channel) without padding: often what is in memory already, then nothing is copied. Not so
// where it meets other vectors: there buffers, and their gradients, must agree in their geometry too.
void StepBuilder::flatten(int i) {
  const Tensor& src = tensor(source(i));
  const std::vector<int>& readers = consumers_[static_cast<size_t>(i)];
  const bool meets = std::any_of(readers.begin(), readers.end(), [&](int r) {
    return unit(r).kind == UnitKind::merge || unit(r).kind == UnitKind::concatenate;
  });
  const bool compact = src.col == src.shape.channels && src.top + src.bottom + src.left + src.right == 0;
  if (src.shape.is_vector() || (compact && !meets)) {
    out_[i] = source(i);
    return;
  }
  out_[i] = add_output(i);
  Step& step = add_step(KernelId::copy_map, scope_[i], i);
  step.src = source(i);
  step.dst = out_[i];
}

// The inputs side by side, each copied to its channels.
void StepBuilder::concatenate(int i) {
  int64_t channel = 0;
  for (int input : unit(i).inputs) {
    Step& step = add_step(KernelId::copy_map, Scope::images, i);
    step.src = out_[static_cast<size_t>(input)];
    step.dst = out_[i];
    step.channel = channel;
    channel += unit(input).out.channels;
  }
}

void StepBuilder::merge(int i) {
  const Unit& u = unit(i);
  int all = out_[static_cast<size_t>(u.inputs[0])];
  for (size_t k = 1; k < u.inputs.size(); k++) {
    Step& step = add_step(KernelId::merge_maps, Scope::images, i);
    step.src = all;
    step.other = out_[static_cast<size_t>(u.inputs[k])];
    step.dst = all = out_[i];
    step.merge = u.merge;
    step.relu = u.relu && k + 1 == u.inputs.size();
  }
}

// Scale and shift of a batch norm whose statistics are fixed, made whenever weights have changed.
int StepBuilder::add_coefficients(int i) {
  return add_pack(KernelId::batch_norm_coefficients, i, 2 * padded(unit(i).out.channels), 1);
}

// The statistics of each image, then of the batch, then what is normalized by them.
void StepBuilder::batch_norm(int i) {
  const Unit& u = unit(i);
  const int64_t lanes = padded(u.out.channels);
  const int64_t state = plan_.state_elements;
  state_[static_cast<size_t>(i)] = state;
  if (u.learns_statistics()) {
    plan_.state_elements += NormState::count * lanes;
    const int moments = add_tensor(u.name + ".moments", {1, 1, 2 * lanes}, 2 * lanes);
    Step& of_image = add_step(KernelId::batch_norm_moments, Scope::images, i);
    of_image.src = source(i);
    of_image.other = moments;
    Step& of_batch = add_step(KernelId::batch_norm_statistics, Scope::batch, i);
    of_batch.other = moments;
    of_batch.state = state;
  } else {
    coefficients_[static_cast<size_t>(i)] = add_coefficients(i);
  }
  normalize(i).dst = out_[i];
}

// The step that makes a batch norm's output, wherever that goes.
Step& StepBuilder::normalize(int i) {
  Step& step = add_step(KernelId::batch_norm_forward, Scope::images, i);
  step.src = source(i);
  step.state = state_[static_cast<size_t>(i)];
  step.coefficients = coefficients_[static_cast<size_t>(i)];
  return step;
}

// In training the parts of the inputs are tasks of their own: a core sums what it goes back through later.
void StepBuilder::forward_dense(int i) {
  const Unit& u = unit(i);
  const int64_t parts = dense_parts(u.in.size(), u.out.channels), outputs = padded(u.out.channels);
  const bool apart = plan_.mode == Mode::train && parts > 1;
  const int sums = apart ? add_tensor(u.name + ".parts", {1, 1, parts * outputs}, parts * outputs) : out_[i];
  Step& step = add_step(KernelId::dense_forward, Scope::batch, i);
  step.src = source(i);
  step.dst = sums;
  step.apart = apart;
  if (parts > 1) plan_.work_elements = std::max(plan_.work_elements, kRowsATask * outputs);
  if (!apart) return;
  Step& total = add_step(KernelId::dense_add_parts, Scope::batch, i);
  total.src = sums;
  total.dst = out_[i];
}

void StepBuilder::forward_rows(int i) {
  const Unit& u = unit(i);
  const auto kernel_of = [](UnitKind kind) {
    switch (kind) {
      case UnitKind::softmax: return KernelId::softmax_forward;
      case UnitKind::dropout: return KernelId::dropout;
      case UnitKind::gaussian_noise: return KernelId::gaussian_noise;
      case UnitKind::layer_norm: return KernelId::layer_norm_forward;
      case UnitKind::warp: return KernelId::warp_forward;
      case UnitKind::tone: return KernelId::tone_forward;
      case UnitKind::reshape:
      case UnitKind::permute: return KernelId::reorder;
      default: return rearranges(kind) ? KernelId::copy_map : KernelId::activation_forward;
    }
  };
  const KernelId kernel = kernel_of(u.kind);
  Step& step = add_step(kernel, scope_[i], i);
  step.src = source(i);
  step.dst = out_[i];
  set_corner(step, u);
}

void StepBuilder::forward_resize(int i) {
  const Unit& u = unit(i);
  const Resizing& r = u.resizing;
  Step& step = add_step(KernelId::resize, Scope::images, i);
  step.src = source(i);
  step.dst = out_[i];
  step.by_row = resize_table(r, u.in.rows, r.top, r.rows, u.out.rows);
  step.by_col = resize_table(r, u.in.cols, r.left, r.cols, u.out.cols);
}

void StepBuilder::forward_unit(int i) {
  const Unit& u = unit(i);
  scope_[i] = scope_of(i);
  if (u.kind == UnitKind::flatten) return flatten(i);
  out_[i] = add_output(i);
  switch (u.kind) {
    case UnitKind::input: add_step(KernelId::load_input, Scope::images, i).dst = out_[i]; return;
    case UnitKind::conv:
    case UnitKind::conv_pool:
    case UnitKind::depthwise: return forward_conv(i);
    case UnitKind::max_pool:
    case UnitKind::average_pool: return forward_pool(i);
    case UnitKind::batch_norm: return batch_norm(i);
    case UnitKind::merge: return merge(i);
    case UnitKind::concatenate: return concatenate(i);
    case UnitKind::dense: return forward_dense(i);
    case UnitKind::resize: return forward_resize(i);
    case UnitKind::host: return forward_host(i);
    case UnitKind::activation:
    case UnitKind::softmax:
    case UnitKind::dropout:
    case UnitKind::pad:
    case UnitKind::crop:
    case UnitKind::reshape:
    case UnitKind::permute:
    case UnitKind::upsample:
    case UnitKind::dilate:
    case UnitKind::gaussian_noise:
    case UnitKind::layer_norm:
    case UnitKind::warp:
    case UnitKind::tone: return forward_rows(i);
    case UnitKind::flatten: return;
  }
}

void StepBuilder::forward() {
  const auto fused = [this](int i) {
    return std::ranges::any_of(plan_.heads, [i](const Head& head) { return head.fused && head.unit == i; });
  };
  for (int i = 0; i < count(); i++) {
    if (!fused(i)) {
      forward_unit(i);
      continue;
    }
    out_[i] = add_output(i);  // the loss step fills it
    scope_[i] = scope_of(i);
  }
  for (Head& head : plan_.heads) head.tensor = out_[head.unit];
}

void StepBuilder::losses() {
  for (size_t i = 0; i < plan_.heads.size(); i++) {
    const Head& head = plan_.heads[i];
    if (head.loss.kind == Loss::none) continue;
    Step& step = add_step(KernelId::loss, Scope::batch, head.unit);
    step.head = static_cast<int>(i);
    step.src = out_[top(head)];
    step.dst = head.fused ? out_[head.unit] : -1;
    plan_.work_elements = std::max(plan_.work_elements, 3 * kBlock * unit(head.unit).out.size() / head.positions);
  }
}

}  // namespace galago
