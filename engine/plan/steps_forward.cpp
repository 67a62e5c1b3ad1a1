#include <algorithm>

#include "plan/steps.h"

namespace galago {

StepBuilder::StepBuilder(Plan& plan, const std::vector<bool>& trainable)
    : plan_(plan),
      trainable_(trainable),
      out_(plan.units.size(), -1),
      winners_(plan.units.size(), -1),
      grad_(plan.units.size(), -1),
      scope_(plan.units.size(), Scope::images) {}

int StepBuilder::add_tensor(const std::string& name, const Shape& shape, int64_t col) {
  Tensor t;
  t.name = name;
  t.shape = shape;
  t.col = col;
  plan_.tensors.push_back(t);
  return static_cast<int>(plan_.tensors.size()) - 1;
}

int StepBuilder::add_winners(const std::string& name, int64_t count) {
  Tensor t;
  t.name = name;
  t.winners = true;
  t.winner_count = count;
  plan_.tensors.push_back(t);
  return static_cast<int>(plan_.tensors.size()) - 1;
}

Step& StepBuilder::add_step(KernelId kernel, Scope scope, int unit) {
  Step step{};
  step.kernel = kernel;
  step.scope = scope;
  step.unit = unit;
  plan_.steps.push_back(step);
  return plan_.steps.back();
}

int StepBuilder::add_pack(KernelId kernel, int unit, int64_t group_elements) {
  Pack pack;
  pack.kernel = kernel;
  pack.unit = unit;
  pack.group_elements = group_elements;
  pack.elements = group_elements * plan_.units[unit].groups;
  pack.offset = plan_.pack_elements;
  plan_.pack_elements += padded(pack.elements);
  plan_.packs.push_back(pack);
  return static_cast<int>(plan_.packs.size()) - 1;
}

// Zeros around a convolution's input, wide enough that none of its windows leaves the buffer.
void StepBuilder::add_halo(Tensor& tensor, const Unit& consumer) const {
  if (consumer.kind != UnitKind::conv && consumer.kind != UnitKind::conv_pool) return;
  const Window& w = consumer.window;
  const Shape& out = consumer.kind == UnitKind::conv_pool ? consumer.conv_out : consumer.out;
  tensor.top = w.top;
  tensor.left = w.left;
  tensor.bottom = std::max<int64_t>(0, (out.rows - 1) * w.stride_rows + w.span_rows() - w.top - tensor.shape.rows);
  tensor.right = std::max<int64_t>(0, (out.cols - 1) * w.stride_cols + w.span_cols() - w.left - tensor.shape.cols);
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

// Convolutional parts run image by image, while an image is in cache; from the first dense layer on, over the batch.
Scope StepBuilder::scope_of(int i) const {
  return plan_.units[i].kind == UnitKind::dense || (i > 0 && scope_[i - 1] == Scope::batch) ? Scope::batch
                                                                                            : Scope::images;
}

void StepBuilder::forward_conv(int i, bool pooled) {
  const Unit& u = plan_.units[i];
  const int64_t k_count = u.window.rows * u.window.cols * (u.in.channels / u.groups);
  const int64_t outputs = padded(u.out.channels / u.groups);
  const bool winograd = pooled && u.winograd;
  const int pack = winograd ? add_pack(KernelId::pack_winograd, i, 16 * u.in.channels * outputs)
                            : add_pack(KernelId::pack_panels, i, k_count * outputs);
  if (pooled && plan_.mode == Mode::train)
    winners_[i] = add_winners(u.name + ".winners", u.out.rows * u.out.cols * 4 * (outputs / kBlock));
  if (winograd) plan_.work_elements = std::max(plan_.work_elements, winograd_scratch(u.in.channels, u.out.channels));
  Step& step = add_step(winograd ? KernelId::conv_winograd_relu_maxpool_forward
                        : pooled ? KernelId::conv_relu_maxpool_forward
                                 : KernelId::conv_forward,
                        Scope::images, i);
  step.src = out_[i - 1];
  step.dst = out_[i];
  step.winners = winners_[i];
  step.pack = pack;
  step.taps = taps(u, plan_.tensors[out_[i - 1]]);
}

// Row-major (row, column, channel) without padding: often what is in memory already, then nothing is copied.
void StepBuilder::flatten(int i) {
  const Tensor& src = plan_.tensors[out_[i - 1]];
  const bool compact =
      (src.shape.is_vector() || src.col == src.shape.channels) && src.top + src.bottom + src.left + src.right == 0;
  if (compact) {
    out_[i] = out_[i - 1];
    return;
  }
  out_[i] = add_tensor(plan_.units[i].name, plan_.units[i].out, padded(plan_.units[i].out.channels));
  Step& step = add_step(KernelId::copy_map, scope_[i], i);
  step.src = out_[i - 1];
  step.dst = out_[i];
}

void StepBuilder::forward_unit(int i) {
  const Unit& u = plan_.units[i];
  scope_[i] = scope_of(i);
  if (u.kind == UnitKind::flatten) return flatten(i);
  // A network's input keeps few channels as they are, and all where it is only flattened; everything a kernel writes is
  // padded to whole blocks.
  const bool last = i + 1 == static_cast<int>(plan_.units.size());
  const bool flattened = !last && plan_.units[i + 1].kind == UnitKind::flatten;
  const bool as_is = u.kind == UnitKind::input && (u.out.channels < kBlock || flattened);
  const int64_t col = as_is ? u.out.channels : padded(u.out.channels);
  out_[i] = add_tensor(u.name, u.out, col);
  if (!last) add_halo(plan_.tensors[out_[i]], plan_.units[i + 1]);
  switch (u.kind) {
    case UnitKind::input: add_step(KernelId::load_input, Scope::images, i).dst = out_[i]; break;
    case UnitKind::conv:
    case UnitKind::conv_pool: forward_conv(i, u.kind == UnitKind::conv_pool); break;
    case UnitKind::max_pool:
    case UnitKind::average_pool: {
      const bool max = u.kind == UnitKind::max_pool;
      if (max && plan_.mode == Mode::train)
        winners_[i] = add_winners(u.name + ".winners", u.out.rows * u.out.cols * padded(u.out.channels));
      Step& step = add_step(max ? KernelId::maxpool_forward : KernelId::avgpool_forward, scope_[i], i);
      step.src = out_[i - 1];
      step.dst = out_[i];
      step.winners = winners_[i];
      break;
    }
    case UnitKind::dense:
    case UnitKind::activation:
    case UnitKind::softmax: {
      Step& step = add_step(u.kind == UnitKind::dense     ? KernelId::dense_forward
                            : u.kind == UnitKind::softmax ? KernelId::softmax_forward
                                                          : KernelId::activation_forward,
                            scope_[i], i);
      step.src = out_[i - 1];
      step.dst = out_[i];
      break;
    }
    case UnitKind::flatten: break;
  }
}

void StepBuilder::forward() {
  const int count = static_cast<int>(plan_.units.size()) - (plan_.fused_loss ? 1 : 0);
  for (int i = 0; i < count; i++) forward_unit(i);
  const int last = static_cast<int>(plan_.units.size()) - 1;
  if (plan_.fused_loss) {  // the loss step fills it
    out_[last] = add_tensor(plan_.units[last].name, plan_.units[last].out, padded(plan_.units[last].out.channels));
    scope_[last] = scope_of(last);
  }
  plan_.output = out_[last];
}

void StepBuilder::loss() {
  const int last = static_cast<int>(plan_.units.size()) - 1;
  Step& step = add_step(KernelId::loss, Scope::batch, last);
  step.src = out_[plan_.fused_loss ? last - 1 : last];
  step.dst = plan_.fused_loss ? out_[last] : -1;
  plan_.work_elements = std::max(plan_.work_elements, 3 * kBlock * plan_.units[last].out.size());
}

}  // namespace galago
