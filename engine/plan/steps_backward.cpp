#include <algorithm>

#include "plan/steps.h"

namespace galago {
namespace {

int64_t modulo(int64_t a, int64_t b) { return (a % b + b) % b; }

// Input positions r + i * stride are reached by the taps k with (r + before - k * dilation) divisible by the stride.
std::vector<int64_t> taps_of_class(int64_t residue, int64_t before, int64_t taps, int64_t dilation, int64_t stride) {
  std::vector<int64_t> found;
  for (int64_t k = 0; k < taps; k++)
    if (modulo(residue + before - k * dilation, stride) == 0) found.push_back(k);
  return found;
}

// The output that tap k of class position 0 reads; may lie outside the map, in its halo.
int64_t first_output(int64_t residue, int64_t before, int64_t tap, int64_t dilation, int64_t stride) {
  return (residue + before - tap * dilation) / stride;  // exact by the choice of taps
}

// A halo for the gradient of a convolution's outputs that every class can read without leaving it.
void add_gradient_halo(Tensor& grad, const Unit& u) {
  const Window& w = u.window;
  const auto extend = [](int64_t size, int64_t in, int64_t before, int64_t span, int64_t stride, int64_t& low,
                         int64_t& high) {
    low = std::max<int64_t>(0, divide_up(span - 1 - before, stride));
    high = std::max<int64_t>(0, divide_up(in - 1 + before, stride) - (size - 1));
  };
  extend(u.out.rows, u.in.rows, w.top, w.span_rows(), w.stride_rows, grad.top, grad.bottom);
  extend(u.out.cols, u.in.cols, w.left, w.span_cols(), w.stride_cols, grad.left, grad.right);
}

std::vector<InputClass> input_classes(const Unit& u, const Tensor& grad) {
  const Window& w = u.window;
  const int64_t outputs = u.out.channels / u.groups, channels = padded(u.in.channels / u.groups);
  std::vector<InputClass> classes;
  int64_t offset = 0;
  for (int64_t r = 0; r < std::min(w.stride_rows, u.in.rows); r++)
    for (int64_t c = 0; c < std::min(w.stride_cols, u.in.cols); c++) {
      InputClass k;
      k.first_row = r;
      k.first_col = c;
      k.rows = divide_up(u.in.rows - r, w.stride_rows);
      k.cols = divide_up(u.in.cols - c, w.stride_cols);
      for (int64_t tr : taps_of_class(r, w.top, w.rows, w.dilation_rows, w.stride_rows))
        for (int64_t tc : taps_of_class(c, w.left, w.cols, w.dilation_cols, w.stride_cols)) {
          k.tap_order.push_back(static_cast<int32_t>(tr * w.cols + tc));
          k.taps.push_back(
              static_cast<int32_t>(first_output(r, w.top, tr, w.dilation_rows, w.stride_rows) * grad.row() +
                                   first_output(c, w.left, tc, w.dilation_cols, w.stride_cols) * grad.col));
        }
      k.pack_offset = offset;
      offset += static_cast<int64_t>(k.tap_order.size()) * outputs * channels;
      classes.push_back(k);
    }
  return classes;
}

}  // namespace

// Where the next unit leaves the gradient of this unit's output: same strides as the output, so that
// flattening is free here too.
int StepBuilder::gradient_like_output(int i) {
  Tensor t = plan_.tensors[out_[i]];
  t.name = plan_.units[i].name + ".grad";
  plan_.tensors.push_back(t);
  return static_cast<int>(plan_.tensors.size()) - 1;
}

void StepBuilder::backward_dense(int i, bool wants_input) {
  const Unit& u = plan_.units[i];
  if (u.relu) {
    Step& relu = add_step(KernelId::activation_backward, Scope::batch, i);
    relu.src = relu.out = out_[i];
    relu.grad = relu.grad_src = grad_[i];
  }
  if (wants_input) {
    plan_.transposed_outputs = std::max(plan_.transposed_outputs, u.out.channels);
    add_step(KernelId::dense_transpose_gradient, Scope::batch, i).grad = grad_[i];
  }
  if (trains(u)) {
    Step& weights = add_step(KernelId::dense_backward_weights, Scope::batch, i);
    weights.src = out_[i - 1];
    weights.grad = grad_[i];
  }
  if (!wants_input) return;
  grad_[i - 1] = gradient_like_output(i - 1);
  Step& input = add_step(KernelId::dense_backward_input, Scope::batch, i);
  input.grad = grad_[i];
  input.grad_src = grad_[i - 1];
}

void StepBuilder::backward_conv_pool(int i, bool wants_input) {
  const Unit& u = plan_.units[i];
  const Tensor& src = plan_.tensors[out_[i - 1]];
  const int64_t windows = u.out.rows * u.out.cols;
  if (trains(u)) {
    Step& step = add_step(
        u.thin ? KernelId::conv_relu_maxpool_backward_weights_thin : KernelId::conv_relu_maxpool_backward_weights,
        Scope::images, i);
    step.src = out_[i - 1];
    step.winners = winners_[i];
    step.grad = grad_[i];
    step.taps = taps(u, src);
    // Lists: a value, an offset and a size for each output and window. A number has room for an offset.
    const int64_t need = u.thin ? 4 * src.elements() : (2 * windows + 1) * u.out.channels + 2 * kBlock;
    plan_.work_elements = std::max(plan_.work_elements, need);
  }
  if (!wants_input) return;
  grad_[i - 1] = gradient_like_output(i - 1);
  Tensor& grad_src = plan_.tensors[grad_[i - 1]];
  grad_src.col = padded(u.in.channels);
  const int pack = add_pack(KernelId::pack_channel_blocks, i,
                            u.window.rows * u.window.cols * u.out.channels * padded(u.in.channels));
  Step& step = add_step(KernelId::conv_relu_maxpool_backward_input, Scope::images, i);
  step.winners = winners_[i];
  step.grad = grad_[i];
  step.grad_src = grad_[i - 1];
  step.pack = pack;
  step.taps = taps(u, plan_.tensors[grad_[i - 1]]);
}

void StepBuilder::backward_conv(int i, bool wants_input) {
  const Unit& u = plan_.units[i];
  // Through the ReLU (or as it is) into a buffer with the halo that the input's gradient reads.
  const int through = add_tensor(u.name + ".conv.grad", u.out, padded(u.out.channels));
  if (wants_input) add_gradient_halo(plan_.tensors[through], u);
  Step& activation = add_step(KernelId::activation_backward, Scope::images, i);
  activation.src = activation.out = out_[i];
  activation.grad = grad_[i];
  activation.grad_src = through;
  if (trains(u)) {
    Step& weights = add_step(KernelId::conv_backward_weights, Scope::images, i);
    weights.src = out_[i - 1];
    weights.grad = through;
    weights.taps = taps(u, plan_.tensors[out_[i - 1]]);
  }
  if (!wants_input) return;
  grad_[i - 1] = gradient_like_output(i - 1);
  Tensor& grad_src = plan_.tensors[grad_[i - 1]];
  grad_src.col = padded(u.in.channels);
  const std::vector<InputClass> classes = input_classes(u, plan_.tensors[through]);
  const InputClass& last = classes.back();
  const int64_t outputs = u.out.channels / u.groups, channels = padded(u.in.channels / u.groups);
  const int pack = add_pack(KernelId::pack_panels_transposed, i,
                            last.pack_offset + static_cast<int64_t>(last.tap_order.size()) * outputs * channels);
  plan_.packs[pack].classes = classes;
  Step& input = add_step(KernelId::conv_backward_input, Scope::images, i);
  input.grad = through;
  input.grad_src = grad_[i - 1];
  input.pack = pack;
  input.classes = classes;
}

void StepBuilder::backward_unit(int i, bool wants_input) {
  const Unit& u = plan_.units[i];
  switch (u.kind) {
    case UnitKind::input: return;
    case UnitKind::dense: return backward_dense(i, wants_input);
    case UnitKind::conv_pool: return backward_conv_pool(i, wants_input);
    case UnitKind::conv: return backward_conv(i, wants_input);
    case UnitKind::flatten: {
      if (!wants_input) return;
      if (out_[i] == out_[i - 1]) {
        grad_[i - 1] = grad_[i];
        return;
      }
      grad_[i - 1] = gradient_like_output(i - 1);
      Step& step = add_step(KernelId::copy_map, scope_[i], i);
      step.grad = grad_[i];
      step.grad_src = grad_[i - 1];
      return;
    }
    case UnitKind::max_pool:
    case UnitKind::average_pool:
    case UnitKind::activation:
    case UnitKind::softmax: {
      if (!wants_input) return;
      grad_[i - 1] = gradient_like_output(i - 1);
      const KernelId kernel = u.kind == UnitKind::max_pool       ? KernelId::maxpool_backward
                              : u.kind == UnitKind::average_pool ? KernelId::avgpool_backward
                              : u.kind == UnitKind::softmax      ? KernelId::softmax_backward
                                                                 : KernelId::activation_backward;
      Step& step = add_step(kernel, scope_[i], i);
      step.src = out_[i - 1];
      step.out = out_[i];
      step.winners = winners_[i];
      step.grad = grad_[i];
      step.grad_src = grad_[i - 1];
      return;
    }
  }
}

void StepBuilder::backward() {
  const int last = static_cast<int>(plan_.units.size()) - 1;
  // Gradients flow down to the first unit that learns, and no further.
  int first = 0;
  while (first <= last && !trains(plan_.units[first])) first++;
  if (first > last) return;
  const int top = plan_.fused_loss ? last - 1 : last;
  grad_[top] = gradient_like_output(top);
  for (Step& step : plan_.steps)
    if (step.kernel == KernelId::loss) step.grad_src = grad_[top];
  for (int i = top; i >= first; i--) backward_unit(i, i > first);
}

}  // namespace galago
