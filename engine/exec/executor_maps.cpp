// The steps that run image by image, and those of them that take a map as it is.
#include <algorithm>

#include "exec/executor.h"

namespace galago {

template <class T>
void Executor<T>::run_image_step(const Step& step, const Place& place) const {
  switch (step.kernel) {
    case KernelId::load_input: return load_input(step, place);
    case KernelId::copy_map: return copy_map(step, place);
    case KernelId::add_maps: return add_maps(step, place);
    case KernelId::dropout: return dropout(step, place);
    case KernelId::conv_forward:
    case KernelId::conv_relu_maxpool_forward: return conv_forward(step, place);
    case KernelId::conv_winograd_forward:
    case KernelId::conv_winograd_relu_maxpool_forward: return winograd_forward(step, place);
    case KernelId::conv_winograd_backward_input: return winograd_backward_input(step, place);
    case KernelId::conv_winograd_backward_weights: return winograd_backward_weights(step, place);
    case KernelId::conv_relu_maxpool_backward_weights:
    case KernelId::conv_relu_maxpool_backward_weights_thin: return conv_pool_backward_weights(step, place);
    case KernelId::conv_relu_maxpool_backward_input: return conv_pool_backward_input(step, place);
    case KernelId::conv_backward_weights:
    case KernelId::depthwise_backward_weights: return conv_backward_weights(step, place);
    case KernelId::conv_backward_input: return conv_backward_input(step, place);
    case KernelId::depthwise_forward: return depthwise_forward(step, place);
    case KernelId::depthwise_backward_input: return depthwise_backward_input(step, place);
    case KernelId::maxpool_forward:
    case KernelId::avgpool_forward: return pool_forward(step, place);
    case KernelId::maxpool_backward:
    case KernelId::avgpool_backward: return pool_backward(step, place);
    case KernelId::batch_norm_moments: return batch_norm_moments(step, place);
    case KernelId::batch_norm_forward: return batch_norm_forward(step, place);
    case KernelId::batch_norm_backward_sums: return batch_norm_backward_sums(step, place);
    case KernelId::batch_norm_backward_input: return batch_norm_backward_input(step, place);
    case KernelId::activation_forward:
    case KernelId::activation_backward:
    case KernelId::softmax_forward:
    case KernelId::softmax_backward: return map_rows(step, place);
    default: throw EngineError(std::string("the step ") + kernel_name(step.kernel) + " does not run over images");
  }
}

template <class T>
Map<T> Executor<T>::map(int tensor, const Place& place) const {
  if (tensor < 0) return {};
  const Tensor& t = plan_.tensors[tensor];
  return {at(tensor, place), t.row(), t.col};
}

template <class T>
void Executor<T>::load_input(const Step& step, const Place& place) const {
  const Tensor& dst = plan_.tensors[step.dst];
  const auto source = static_cast<size_t>(plan_.units[step.unit].source);
  const InputView& input = batch_.inputs[source];
  const Shape& sample = samples_[source];
  const int64_t bytes = input.type == InputType::u8 ? 1 : input.type == InputType::f32 ? 4 : 8;
  LoadArgs<T> a{};
  a.src = static_cast<const char*>(input.data) + batch_.rows[place.image] * sample.size() * bytes;
  a.type = input.type;
  a.dst = at(step.dst, place);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.rows = narrow(dst.shape.rows);
  a.cols = narrow(dst.shape.cols);
  a.channels = narrow(dst.shape.channels);
  a.src_cols = narrow(sample.cols);
  kernels_.load_input(a);
}

// Between a map and a part of a larger one, either way: some of its channels, or what lies inside a padding; or its
// compact rows, when it is flattened.
template <class T>
void Executor<T>::copy_map(const Step& step, const Place& place) const {
  const bool forward = step.dst >= 0;
  const int small = forward ? step.src : step.grad_src, large = forward ? step.dst : step.grad;
  const Shape& shape = plan_.tensors[small].shape;
  const Map<T> from = map(small, place);
  Map<T> to = map(large, place);
  int64_t rows = shape.rows, cols = shape.cols;
  if (plan_.units[step.unit].kind == UnitKind::flatten) {
    to.col = shape.channels;
    to.row = shape.cols * to.col;
  } else {  // what is not needed of the larger map may not be there
    to.data += step.first_row * to.row + step.first_col * to.col + step.channel;
    rows = std::min(rows, plan_.tensors[large].shape.rows - step.first_row);
    cols = std::min(cols, plan_.tensors[large].shape.cols - step.first_col);
    if (rows < 1 || cols < 1) return;
  }
  const Map<T>& src = forward ? from : to;
  const Map<T>& dst = forward ? to : from;
  kernels_.copy_map(
      {src.data, src.row, src.col, dst.data, dst.row, dst.col, narrow(rows), narrow(cols), narrow(shape.channels)});
}

template <class T>
void Executor<T>::add_maps(const Step& step, const Place& place) const {
  const Tensor& dst = plan_.tensors[step.dst];
  const Rows rows = rows_of(dst.shape.rows, place);
  AddArgs<T> a{};
  a.a = constant(map(step.src, place), rows);
  a.b = constant(map(step.other, place), rows);
  a.dst = map(step.dst, place);
  a.dst.data += rows.first * a.dst.row;
  a.rows = narrow(rows.count);
  a.cols = narrow(dst.shape.cols);
  a.channels = narrow(padded(dst.shape.channels));
  a.relu = step.relu;
  kernels_.add_maps(a);
}

// The same elements of values and gradients.
template <class T>
void Executor<T>::dropout(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  DropoutArgs<T> a{};
  a.src = constant(map(step.dst >= 0 ? step.src : step.grad, place));
  a.dst = map(step.dst >= 0 ? step.dst : step.grad_src, place);
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(u.out.channels);
  a.whole_cols = u.whole_cols;
  a.seed = u.seed;
  a.step = batch_.step;
  a.sample = static_cast<uint32_t>(place.image);
  a.threshold = static_cast<uint32_t>(u.rate * 0x1p32);
  a.scale = static_cast<T>(1 / (1 - u.rate));
  kernels_.dropout(a);
}

// `src` is the map that is pooled, or its gradient.
template <class T>
PoolShape Executor<T>::pool_shape(const Unit& u, const Tensor& src) const {
  PoolShape p{};
  p.src_row = src.row();
  p.src_col = src.col;
  p.src_rows = narrow(u.in.rows);
  p.src_cols = narrow(u.in.cols);
  p.rows = narrow(u.out.rows);
  p.cols = narrow(u.out.cols);
  p.channels = narrow(u.out.channels);
  p.pool_rows = narrow(u.window.rows);
  p.pool_cols = narrow(u.window.cols);
  p.stride_rows = narrow(u.window.stride_rows);
  p.stride_cols = narrow(u.window.stride_cols);
  p.pad_top = narrow(u.window.top);
  p.pad_left = narrow(u.window.left);
  return p;
}

template <class T>
void Executor<T>::pool_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& dst = plan_.tensors[step.dst];
  PoolArgs<T> a{};
  static_cast<PoolShape&>(a) = pool_shape(u, plan_.tensors[step.src]);
  a.src = at(step.src, place);
  a.dst = at(step.dst, place);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.winners = winners(step.winners, place);
  if (u.kind == UnitKind::max_pool) kernels_.maxpool_forward(a);
  else kernels_.avgpool_forward(a);
}

template <class T>
void Executor<T>::pool_backward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  PoolGradArgs<T> a{};
  static_cast<PoolShape&>(a) = pool_shape(u, plan_.tensors[step.grad_src]);
  a.grad = at(step.grad, place);
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.grad_src = at(step.grad_src, place);
  a.winners = winners(step.winners, place);
  if (u.kind == UnitKind::max_pool) kernels_.maxpool_backward(a);
  else kernels_.avgpool_backward(a);
}

// Activations and softmax of one image, a row of the map after the other: the kernel's rows are its pixels.
template <class T>
void Executor<T>::map_rows(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const auto stride = [&](int tensor) { return tensor < 0 ? 0 : plan_.tensors[tensor].col; };
  const auto row = [&](int tensor, int64_t r) {
    return tensor < 0 ? nullptr : at(tensor, place) + r * plan_.tensors[tensor].row();
  };
  ActivationArgs<T> a = activation(step);
  a.rows = narrow(u.out.cols);
  // Whole blocks are quicker where every buffer is padded to them, unless forward they are mostly padding, which the
  // kernel leaves out; a softmax must not see the padding.
  const bool wide = step.kernel != KernelId::activation_forward || u.out.channels > kBlock / 2;
  const bool blocks = wide && (step.src < 0 || stride(step.src) % kBlock == 0) && u.kind != UnitKind::softmax;
  if (blocks) a.cols = narrow(padded(u.out.channels));
  a.src_row = stride(step.src);
  a.dst_row = stride(step.dst);
  a.out_row = stride(step.out);
  a.grad_row = stride(step.grad);
  a.grad_src_row = stride(step.grad_src);
  const Rows rows = rows_of(u.out.rows, place);
  for (int64_t r = rows.first; r < rows.first + rows.count; r++) {
    a.src = row(step.src, r);
    a.dst = row(step.dst, r);
    a.out = row(step.out, r);
    a.grad = row(step.grad, r);
    a.grad_src = row(step.grad_src, r);
    run_rows(step.kernel, a);
  }
}

template void Executor<float>::run_image_step(const Step&, const Place&) const;
template void Executor<double>::run_image_step(const Step&, const Place&) const;
template void Executor<float>::load_input(const Step&, const Place&) const;
template void Executor<double>::load_input(const Step&, const Place&) const;
template Map<float> Executor<float>::map(int, const Place&) const;
template Map<double> Executor<double>::map(int, const Place&) const;

}  // namespace galago
