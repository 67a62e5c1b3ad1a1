// The steps that run image by image, and those of them that take a map as it is.
#include <algorithm>

#include "exec/executor.h"

namespace galago {

template <class T>
void Executor<T>::run_image_step(const Step& step, const Place& place) const {
  switch (step.kernel) {
    case KernelId::load_input: return load_input(step, place);
    case KernelId::copy_map: return copy_map(step, place);
    case KernelId::reorder: return reorder(step, place);
    case KernelId::merge_maps: return merge_maps(step, place);
    case KernelId::merge_backward: return merge_backward(step, place);
    case KernelId::resize: return resize(step, place);
    case KernelId::warp_forward:
    case KernelId::warp_backward: return warp(step, place);
    case KernelId::tone_forward:
    case KernelId::tone_backward: return tone(step, place);
    case KernelId::dropout: return dropout(step, place);
    case KernelId::gaussian_noise: return gaussian_noise(step, place);
    case KernelId::layer_norm_forward:
    case KernelId::layer_norm_backward_weights:
    case KernelId::layer_norm_backward_input: return layer_norm(step, place);
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

// The same draws for values and gradients.
template <class T>
void Executor<T>::set_draws(DrawArgs<T>& a, const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  a.src = constant(map(step.dst >= 0 ? step.src : step.grad, place));
  a.dst = map(step.dst >= 0 ? step.dst : step.grad_src, place);
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(u.out.channels);
  a.draw_row = u.spatial ? 0 : u.whole_cols;
  a.draw_col = u.spatial ? 0 : 1;
  a.seed = u.seed;
  a.step = batch_.step;
  a.sample = static_cast<uint32_t>(place.image);
}

template <class T>
void Executor<T>::dropout(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  DropoutArgs<T> a{};
  set_draws(a, step, place);
  a.threshold = static_cast<uint32_t>(u.rate * 0x1p32);
  a.scale = static_cast<T>(1 / (1 - u.rate));
  kernels_.dropout(a);
}

template <class T>
void Executor<T>::gaussian_noise(const Step& step, const Place& place) const {
  NoiseArgs<T> a{};
  set_draws(a, step, place);
  a.deviation = static_cast<T>(plan_.units[step.unit].rate);
  kernels_.gaussian_noise(a);
}

template <class T>
void Executor<T>::layer_norm(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  LayerNormArgs<T> a{};
  a.src = constant(map(step.src, place));
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(u.out.channels);
  a.gamma = weight(u.kernel);
  a.beta = weight(u.bias);
  a.epsilon = static_cast<T>(u.normalization.epsilon);
  a.dst = map(step.dst, place);
  a.grad = constant(map(step.grad, place));
  a.grad_src = map(step.grad_src, place);
  if (step.kernel == KernelId::layer_norm_forward) return kernels_.layer_norm_forward(a);
  if (step.kernel == KernelId::layer_norm_backward_input) return kernels_.layer_norm_backward_input(a);
  a.grad_gamma = shard_gradient(u.kernel, place);
  a.grad_beta = shard_gradient(u.bias, place);
  kernels_.layer_norm_backward_weights(a);
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
