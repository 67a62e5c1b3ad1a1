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

// The halo that the gradient of a convolution's outputs needs, so that every class can read it without leaving it.
void add_gradient_halo(Tensor& grad, const Unit& u) {
  const Window& w = u.window;
  const auto extend = [&u](int64_t size, int64_t in, int64_t before, int64_t span, int64_t stride, int64_t& low,
                           int64_t& high) {
    low = std::max(low, divide_up(span - 1 - before, stride));
    high = std::max(high, divide_up(whole_tiles(in, u.winograd_input) - 1 + before, stride) - (size - 1));
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

// A merge whose gradients need no input.
bool is_sum(const Unit& u) {
  return u.kind == UnitKind::merge && (u.merge == Merge::add || u.merge == Merge::subtract);
}

bool has_halo_of(const Tensor& tensor, const Tensor& needed) {
  return tensor.top >= needed.top && tensor.bottom >= needed.bottom && tensor.left >= needed.left &&
         tensor.right >= needed.right;
}

}  // namespace

// A tensor for the gradient of a unit's output: laid out as the output is, so that flattening is free here too, and
// with the halo that a convolution's own input gradient will read.
int StepBuilder::gradient_for(int i) {
  const Unit& u = unit(i);
  Tensor t = tensor(out_[i]);
  const std::vector<int>& readers = consumers_[static_cast<size_t>(i)];
  const bool flattened =
      std::any_of(readers.begin(), readers.end(), [&](int r) { return unit(r).kind == UnitKind::flatten; });
  t.name = u.name + ".grad";
  t.fixed = false;
  t.top = t.bottom = t.left = t.right = 0;
  if ((u.kind == UnitKind::conv || u.kind == UnitKind::depthwise) && !flattened &&
      learns_[static_cast<size_t>(u.inputs[0])])
    add_gradient_halo(t, u);
  plan_.tensors.push_back(t);
  aliased_.push_back(false);
  return static_cast<int>(plan_.tensors.size()) - 1;
}

// What a convolution read, for the gradient of its weights. The output of a batch norm is made again from the map in
// front of it, which the batch norm's own gradients read anyway: that is less to fetch from memory than a second map of
// every image, and on the way forward the output need not outlive its image.
int StepBuilder::source_again(int i) {
  const int input = unit(i).inputs[0];
  const std::vector<int>& readers = consumers_[static_cast<size_t>(input)];
  const bool once = std::all_of(readers.begin(), readers.end(), [&](int r) { return r == i || is_sum(unit(r)); });
  if (unit(input).kind != UnitKind::batch_norm || !once) return source(i);
  Tensor t = tensor(source(i));
  t.name += ".again";
  plan_.tensors.push_back(t);
  aliased_.push_back(false);
  return normalize(input).dst = static_cast<int>(plan_.tensors.size()) - 1;
}

// Takes what one reader of a unit says about its gradient; several readers' gradients are added in the order in which
// they come.
void StepBuilder::contribute(int i, int gradient) {
  if (grad_[i] < 0) {
    grad_[i] = gradient;
    return;
  }
  const int sum = gradient_for(i);
  Step& step = add_step(KernelId::merge_maps, Scope::images, i);
  step.src = grad_[i];
  step.other = gradient;
  step.dst = grad_[i] = sum;
}

// The gradient in front of a unit's ReLU, with the halo that the input's gradient reads where asked for.
int StepBuilder::gradient_before_relu(int i, bool with_halo) {
  const Unit& u = unit(i);
  const int given = grad_[i];
  Tensor needed = tensor(given);
  needed.top = needed.bottom = needed.left = needed.right = 0;
  if (with_halo) add_gradient_halo(needed, u);
  const bool fits = has_halo_of(tensor(given), needed);
  if (fits && !u.relu) return given;
  int through = given;
  if (!fits || aliased_[static_cast<size_t>(given)]) {
    through = add_tensor(u.name + ".before.grad", u.out, padded(u.out.channels));
    if (with_halo) add_gradient_halo(tensor(through), u);
  }
  Step& step = add_step(KernelId::activation_backward, scope_[i], i);
  step.src = step.out = out_[i];
  step.grad = given;
  step.grad_src = through;
  return through;
}

void StepBuilder::backward_dense(int i, bool wants_input) {
  const Unit& u = unit(i);
  const int grad = u.relu ? gradient_before_relu(i, false) : grad_[i];
  if (wants_input) {
    plan_.transposed_outputs = std::max(plan_.transposed_outputs, u.out.channels);
    add_step(KernelId::dense_transpose_gradient, Scope::batch, i).grad = grad;
  }
  const int grad_src = wants_input ? gradient_for(u.inputs[0]) : -1;
  if (wants_input) {  // before the weights' own gradient, which may change them
    Step& input = add_step(KernelId::dense_backward_input, Scope::batch, i);
    input.grad = grad;
    input.grad_src = grad_src;
  }
  if (trains(u)) {
    Step& weights = held_back_.emplace_back(KernelId::dense_backward_weights, Scope::batch, i);
    weights.src = source(i);
    weights.grad = grad;
    plan_.work_elements = std::max(plan_.work_elements, kDenseInputs * padded(u.out.channels));
  }
  if (wants_input) contribute(u.inputs[0], grad_src);
}

void StepBuilder::backward_conv_pool(int i, bool wants_input) {
  const Unit& u = unit(i);
  const Tensor& src = tensor(source(i));
  const int64_t windows = u.out.rows * u.out.cols;
  if (trains(u)) {
    // Lists: a value, an offset and a size for each output and window. A number has room for an offset.
    // Of two blocks more, a list's padding and what is read past the last offset take one each.
    const int64_t need = u.thin ? 4 * src.elements() : (2 * windows + 1) * u.out.channels + 2 * kBlock;
    plan_.work_elements = std::max(plan_.work_elements, need);
    const int again = source_again(i);
    Step& step = add_step(
        u.thin ? KernelId::conv_relu_maxpool_backward_weights_thin : KernelId::conv_relu_maxpool_backward_weights,
        Scope::images, i);
    step.src = again;
    step.winners = winners_[i];
    step.grad = grad_[i];
    step.taps = taps(u, tensor(step.src));
  }
  if (!wants_input) return;
  // Windows reach over the border of the map, so its gradient has the map's halo, and the border of it is not zero.
  const Tensor like = tensor(source(i));
  const int grad_src = gradient_for(u.inputs[0]);
  Tensor& t = tensor(grad_src);
  t.top = like.top, t.bottom = like.bottom, t.left = like.left, t.right = like.right;
  t.col = padded(u.in.channels);
  t.fixed = true;
  aliased_[static_cast<size_t>(grad_src)] = t.top + t.bottom + t.left + t.right > 0;
  const int pack = add_pack(KernelId::pack_channel_blocks, i,
                            u.window.rows * u.window.cols * u.out.channels * padded(u.in.channels), 1);
  Step& step = add_step(KernelId::conv_relu_maxpool_backward_input, Scope::images, i);
  step.winners = winners_[i];
  step.grad = grad_[i];
  step.grad_src = grad_src;
  step.pack = pack;
  step.taps = taps(u, tensor(grad_src));
  contribute(u.inputs[0], grad_src);
}

// Convolutions of all channels, and depthwise ones.
void StepBuilder::backward_conv(int i, bool wants_input) {
  const Unit& u = unit(i);
  const bool depthwise = u.kind == UnitKind::depthwise;
  const int grad = gradient_before_relu(i, wants_input);
  if (trains(u)) {
    if (u.winograd_weights)
      plan_.work_elements = std::max(
          plan_.work_elements,
          winograd_gradient_scratch(winograd_points(u.winograd_weights, u.window.rows), u.in.channels, u.out.channels));
    const int src = source_again(i);
    Step& weights = add_step(u.winograd_weights ? KernelId::conv_winograd_backward_weights
                             : depthwise        ? KernelId::depthwise_backward_weights
                                                : KernelId::conv_backward_weights,
                             Scope::images, i);
    weights.src = src;
    weights.grad = grad;
    weights.taps = taps(u, tensor(source(i)));
  }
  if (!wants_input) return;
  const int grad_src = gradient_for(u.inputs[0]);
  tensor(grad_src).col = padded(u.in.channels);
  tensor(grad_src).fixed = !depthwise && u.groups > 1;
  if (u.winograd_input) {
    const int64_t points = winograd_points(u.winograd_input, u.window.rows);
    const int pack =
        add_pack(KernelId::pack_winograd_transposed, i, points * winograd_point(u.out.channels, u.in.channels), 1);
    plan_.work_elements = std::max(plan_.work_elements, winograd_scratch(points, u.out.channels, u.in.channels));
    Step& step = add_step(KernelId::conv_winograd_backward_input, Scope::images, i);
    step.grad = grad;
    step.grad_src = grad_src;
    step.pack = pack;
    return contribute(u.inputs[0], grad_src);
  }
  const std::vector<InputClass> classes = input_classes(u, tensor(grad));
  int pack = -1;
  if (!depthwise) {
    const InputClass& last = classes.back();
    const int64_t outputs = u.out.channels / u.groups, channels = padded(u.in.channels / u.groups);
    pack = add_pack(KernelId::pack_panels_transposed, i,
                    last.pack_offset + static_cast<int64_t>(last.tap_order.size()) * outputs * channels, u.groups);
    plan_.packs[pack].classes = classes;
  }
  const bool thin = !depthwise && leaves_lanes(u, u.in, u.out.channels);
  Step& input =
      add_step(depthwise ? KernelId::depthwise_backward_input : KernelId::conv_backward_input, Scope::images, i);
  input.grad = grad;
  input.grad_src = grad_src;
  input.pack = pack;
  input.thin = thin;
  input.classes = classes;
  contribute(u.inputs[0], grad_src);
}

void StepBuilder::backward_batch_norm(int i, bool wants_input) {
  const Unit& u = unit(i);
  const bool learns = u.learns_statistics();
  if (learns) {
    const int64_t lanes = padded(u.out.channels);
    const int sums = add_tensor(u.name + ".sums", {1, 1, 2 * lanes}, 2 * lanes);
    Step& of_image = add_step(KernelId::batch_norm_backward_sums, Scope::images, i);
    of_image.src = source(i);
    of_image.grad = grad_[i];
    of_image.other = sums;
    of_image.state = state_[static_cast<size_t>(i)];
    Step& of_batch = add_step(KernelId::batch_norm_backward_parameters, Scope::batch, i);
    of_batch.other = sums;
    of_batch.state = state_[static_cast<size_t>(i)];
  }
  if (!wants_input) return;
  const int grad_src = gradient_for(u.inputs[0]);
  Step& input = add_step(KernelId::batch_norm_backward_input, Scope::images, i);
  input.src = learns || u.relu ? source(i) : -1;
  input.grad = grad_[i];
  input.grad_src = grad_src;
  input.state = state_[static_cast<size_t>(i)];
  input.coefficients = coefficients_[static_cast<size_t>(i)];
  contribute(u.inputs[0], grad_src);
}

// The gradient of a sum is that of each of its parts; others' are made of it and of the other input.
void StepBuilder::backward_merge(int i) {
  const Unit& u = unit(i);
  const int grad = u.relu ? gradient_before_relu(i, false) : grad_[i];
  for (size_t k = 0; k < u.inputs.size(); k++) {
    const int input = u.inputs[k];
    if (!learns_[static_cast<size_t>(input)]) continue;
    const bool whole = unit(input).out.is_vector() == u.out.is_vector();
    if (whole && is_sum(u) && (u.merge == Merge::add || k == 0)) {
      aliased_[static_cast<size_t>(grad)] = true;
      contribute(input, grad);
      continue;
    }
    const int grad_src = gradient_for(input);
    const bool chooses = u.merge == Merge::maximum || u.merge == Merge::minimum;
    Step& step = add_step(KernelId::merge_backward, Scope::images, i);
    step.merge = u.merge;
    step.operand = static_cast<int>(k);
    if (chooses) step.src = out_[static_cast<size_t>(input)];
    if (!is_sum(u)) step.other = out_[static_cast<size_t>(u.inputs[1 - k])];
    step.grad = grad;
    step.grad_src = grad_src;
    contribute(input, grad_src);
  }
}

// The gradient of each input is that of its channels.
void StepBuilder::backward_concatenate(int i) {
  const Unit& u = unit(i);
  int64_t channel = 0;
  for (int input : u.inputs) {
    if (learns_[static_cast<size_t>(input)]) {
      const int grad_src = gradient_for(input);
      tensor(grad_src).fixed = true;
      Step& step = add_step(KernelId::copy_map, Scope::images, i);
      step.grad = grad_[i];
      step.grad_src = grad_src;
      step.channel = channel;
      contribute(input, grad_src);
    }
    channel += unit(input).out.channels;
  }
}

// The same numbers in other places.
void StepBuilder::backward_copy(int i) {
  const Unit& u = unit(i);
  const int input = u.inputs[0];
  if (out_[i] == out_[input]) return contribute(input, grad_[i]);
  const int grad_src = gradient_for(input);
  tensor(grad_src).fixed = true;
  const bool walks = u.kind == UnitKind::reshape || u.kind == UnitKind::permute;
  Step& step = add_step(walks ? KernelId::reorder : KernelId::copy_map, scope_[i], i);
  step.grad = grad_[i];
  step.grad_src = grad_src;
  set_corner(step, u);
  contribute(input, grad_src);
}

void StepBuilder::backward_layer_norm(int i, bool wants_input) {
  if (trains(unit(i))) {
    Step& weights = add_step(KernelId::layer_norm_backward_weights, Scope::images, i);
    weights.src = source(i);
    weights.grad = grad_[i];
  }
  if (!wants_input) return;
  const int grad_src = gradient_for(unit(i).inputs[0]);
  Step& input = add_step(KernelId::layer_norm_backward_input, Scope::images, i);
  input.src = source(i);
  input.grad = grad_[i];
  input.grad_src = grad_src;
  contribute(unit(i).inputs[0], grad_src);
}

// The sum of what a position has become.
void StepBuilder::backward_upsample(int i) {
  const int grad_src = gradient_for(unit(i).inputs[0]);
  Step& step = add_step(KernelId::merge_maps, Scope::images, i);
  step.grad = grad_[i];
  step.grad_src = grad_src;
  contribute(unit(i).inputs[0], grad_src);
}

// A sum of what a position went to, each as much as it counted there.
void StepBuilder::backward_resize(int i) {
  const Unit& u = unit(i);
  const Resizing& r = u.resizing;
  const int grad_src = gradient_for(u.inputs[0]);
  Step& step = add_step(KernelId::resize, Scope::images, i);
  step.grad = grad_[i];
  step.grad_src = grad_src;
  step.by_row = transposed(resize_table(r, u.in.rows, r.top, r.rows, u.out.rows), u.in.rows);
  step.by_col = transposed(resize_table(r, u.in.cols, r.left, r.cols, u.out.cols), u.in.cols);
  contribute(u.inputs[0], grad_src);
}

void StepBuilder::backward_rows(int i) {
  const Unit& u = unit(i);
  const int grad_src = gradient_for(u.inputs[0]);
  const KernelId kernel = u.kind == UnitKind::max_pool       ? KernelId::maxpool_backward
                          : u.kind == UnitKind::average_pool ? KernelId::avgpool_backward
                          : u.kind == UnitKind::softmax      ? KernelId::softmax_backward
                          : u.kind == UnitKind::dropout      ? KernelId::dropout
                          : u.kind == UnitKind::warp         ? KernelId::warp_backward
                          : u.kind == UnitKind::tone         ? KernelId::tone_backward
                                                             : KernelId::activation_backward;
  Step& step = add_step(kernel, scope_[i], i);
  if (u.kind == UnitKind::tone) step.src = source(i);
  if (u.kind == UnitKind::activation || u.kind == UnitKind::softmax) {
    step.src = source(i);
    step.out = out_[i];
  }
  step.winners = winners_[i];
  step.grad = grad_[i];
  step.grad_src = grad_src;
  contribute(u.inputs[0], grad_src);
}

void StepBuilder::backward_unit(int i, bool wants_input) {
  switch (unit(i).kind) {
    case UnitKind::input: return;
    case UnitKind::dense: return backward_dense(i, wants_input);
    case UnitKind::conv_pool: return backward_conv_pool(i, wants_input);
    case UnitKind::conv:
    case UnitKind::depthwise: return backward_conv(i, wants_input);
    case UnitKind::batch_norm: return backward_batch_norm(i, wants_input);
    case UnitKind::merge: return backward_merge(i);
    case UnitKind::concatenate: return backward_concatenate(i);
    case UnitKind::flatten:
    case UnitKind::pad:
    case UnitKind::crop:
    case UnitKind::reshape:
    case UnitKind::permute:
    case UnitKind::dilate: return backward_copy(i);
    case UnitKind::layer_norm: return backward_layer_norm(i, wants_input);
    case UnitKind::gaussian_noise:  // what is added changes nothing
      aliased_[static_cast<size_t>(grad_[i])] = true;
      return contribute(unit(i).inputs[0], grad_[i]);
    case UnitKind::upsample: return backward_upsample(i);
    case UnitKind::resize: return backward_resize(i);
    case UnitKind::host: return backward_host(i);
    case UnitKind::max_pool:
    case UnitKind::average_pool:
    case UnitKind::activation:
    case UnitKind::softmax:
    case UnitKind::dropout:
    case UnitKind::warp:
    case UnitKind::tone: return backward_rows(i);
  }
}

// Gradients flow to every unit that learns or stands behind one, and to no other.
void StepBuilder::backward() {
  for (int i = 0; i < count(); i++) {
    learns_[i] = trains(unit(i));
    for (int input : unit(i).inputs) learns_[i] = learns_[i] || learns_[static_cast<size_t>(input)];
  }
  // First every loss says what it gives: adding steps moves the others.
  std::vector<std::pair<int, int>> given;
  for (Step& step : plan_.steps) {
    if (step.kernel != KernelId::loss) continue;
    const int unit = top(plan_.heads[static_cast<size_t>(step.head)]);
    if (!learns_[static_cast<size_t>(unit)]) continue;
    step.grad_src = gradient_for(unit);
    given.emplace_back(unit, step.grad_src);
  }
  for (const auto& [unit, gradient] : given) contribute(unit, gradient);
  for (int i = count() - 1; i >= 0; i--) {
    if (!learns_[i] || grad_[i] < 0) continue;
    const std::vector<int>& inputs = unit(i).inputs;
    backward_unit(i, !inputs.empty() && learns_[static_cast<size_t>(inputs[0])]);
  }
  add_held_back();
}

}  // namespace galago
