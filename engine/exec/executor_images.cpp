// The steps that run image by image: each fills in its kernel's arguments and calls it.
#include "exec/executor.h"

namespace galago {
template <class T>
void Executor<T>::run_image_step(const Step& step, const Place& place) const {
  switch (step.kernel) {
    case KernelId::load_input: return load_input(step, place);
    case KernelId::copy_map: return copy_map(step, place);
    case KernelId::conv_forward:
    case KernelId::conv_relu_maxpool_forward: return conv_forward(step, place);
    case KernelId::conv_winograd_relu_maxpool_forward: return winograd_forward(step, place);
    case KernelId::conv_relu_maxpool_backward_weights:
    case KernelId::conv_relu_maxpool_backward_weights_thin: return conv_pool_backward_weights(step, place);
    case KernelId::conv_relu_maxpool_backward_input: return conv_pool_backward_input(step, place);
    case KernelId::conv_backward_weights: return conv_backward_weights(step, place);
    case KernelId::conv_backward_input: return conv_backward_input(step, place);
    case KernelId::maxpool_forward:
    case KernelId::avgpool_forward: return pool_forward(step, place);
    case KernelId::maxpool_backward:
    case KernelId::avgpool_backward: return pool_backward(step, place);
    case KernelId::activation_forward:
    case KernelId::activation_backward:
    case KernelId::softmax_forward:
    case KernelId::softmax_backward: return map_rows(step, place);
    default: throw EngineError(std::string("the step ") + kernel_name(step.kernel) + " does not run over images");
  }
}

template <class T>
void Executor<T>::load_input(const Step& step, const Place& place) const {
  const Tensor& dst = plan_.tensors[step.dst];
  const int64_t bytes = batch_.type == InputType::u8 ? 1 : batch_.type == InputType::f32 ? 4 : 8;
  LoadArgs<T> a{};
  a.src = static_cast<const char*>(batch_.x) + batch_.rows[place.image] * sample_.size() * bytes;
  a.type = batch_.type;
  a.dst = at(step.dst, place);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.rows = narrow(dst.shape.rows);
  a.cols = narrow(dst.shape.cols);
  a.channels = narrow(dst.shape.channels);
  a.src_cols = narrow(sample_.cols);
  kernels_.load_input(a);
}

// Between a map and its compact rows, either way.
template <class T>
void Executor<T>::copy_map(const Step& step, const Place& place) const {
  const bool forward = step.dst >= 0;
  const int map = forward ? step.src : step.grad_src, flat = forward ? step.dst : step.grad;
  const Tensor& t = plan_.tensors[map];
  const int64_t flat_col = t.shape.channels, flat_row = t.shape.cols * flat_col;
  CopyArgs<T> a{};
  a.src = at(forward ? map : flat, place);
  a.dst = at(forward ? flat : map, place);
  a.src_row = forward ? t.row() : flat_row;
  a.src_col = forward ? t.col : flat_col;
  a.dst_row = forward ? flat_row : t.row();
  a.dst_col = forward ? flat_col : t.col;
  a.rows = narrow(t.shape.rows);
  a.cols = narrow(t.shape.cols);
  a.channels = narrow(t.shape.channels);
  kernels_.copy_map(a);
}

template <class T>
void Executor<T>::conv_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& src = plan_.tensors[step.src];
  const Tensor& dst = plan_.tensors[step.dst];
  const Pack& pack = plan_.packs[step.pack];
  const int64_t channels = u.in.channels / u.groups, outputs = u.out.channels / u.groups;
  ConvArgs<T> a{};
  a.src_row = u.window.stride_rows * src.row();
  a.src_col = u.window.stride_cols * src.col;
  a.taps = step.taps.data();
  a.tap_count = narrow(static_cast<int64_t>(step.taps.size()));
  a.channels = narrow(channels);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(outputs);
  a.relu = u.relu;
  a.exact_lanes = u.groups > 1;
  a.winners = winners(step.winners, place);
  for (int64_t g = 0; g < u.groups; g++) {
    a.src = start(step.src, place) + g * channels;
    a.weights = packs_.as<T>() + pack.offset + g * pack.group_elements;
    a.bias = u.bias < 0 ? nullptr : weight(u.bias) + g * outputs;
    a.dst = at(step.dst, place) + g * outputs;
    if (u.kind == UnitKind::conv_pool) kernels_.conv_relu_maxpool_forward(a);
    else kernels_.conv_forward(a);
  }
}

template <class T>
void Executor<T>::winograd_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& src = plan_.tensors[step.src];
  const Tensor& dst = plan_.tensors[step.dst];
  WinogradArgs<T> a{};
  a.src = start(step.src, place);
  a.src_row = src.row();
  a.src_col = src.col;
  a.channels = narrow(u.in.channels);
  a.weights = packs_.as<T>() + plan_.packs[step.pack].offset;
  a.bias = weight(u.bias);
  a.dst = at(step.dst, place);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(u.out.channels);
  a.winners = winners(step.winners, place);
  a.scratch = work(place);
  kernels_.conv_winograd_relu_maxpool_forward(a);
}

template <class T>
PooledGradArgs<T> Executor<T>::pooled_gradient(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  const Tensor& src = plan_.tensors[step.src >= 0 ? step.src : step.grad_src];
  PooledGradArgs<T> a{};
  a.winners = winners(step.winners, place);
  a.grad = at(step.grad, place);
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(u.out.channels);
  a.src_row = u.window.stride_rows * src.row();
  a.src_col = u.window.stride_cols * src.col;
  a.taps = step.taps.data();
  a.tap_count = narrow(static_cast<int64_t>(step.taps.size()));
  a.kernel_cols = narrow(u.window.cols);
  a.channels = narrow(u.in.channels);
  return a;
}

template <class T>
void Executor<T>::conv_pool_backward_weights(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& src = plan_.tensors[step.src];
  PooledGradArgs<T> a = pooled_gradient(step, place);
  a.src = start(step.src, place);
  a.grad_weights = shard_gradient(u.kernel, place);
  a.grad_bias = shard_gradient(u.bias, place);
  if (u.thin) {
    a.quads = work(place);
    a.src_span = narrow((src.top + src.shape.rows + src.bottom) * src.row());
    return kernels_.conv_relu_maxpool_backward_weights_thin(a);
  }
  const int64_t events = u.out.rows * u.out.cols * u.out.channels;
  a.contiguous_taps = u.window.dilation_cols == 1;
  a.list_values = work(place);
  a.list_offsets = reinterpret_cast<int32_t*>(a.list_values + padded(events));
  a.list_sizes = a.list_offsets + padded(events);
  kernels_.conv_relu_maxpool_backward_weights(a);
}

template <class T>
void Executor<T>::conv_pool_backward_input(const Step& step, const Place& place) const {
  PooledGradArgs<T> a = pooled_gradient(step, place);
  a.weights = packs_.as<T>() + plan_.packs[step.pack].offset;
  a.grad_src = start(step.grad_src, place);
  std::memset(a.grad_src, 0, static_cast<size_t>(plan_.tensors[step.grad_src].elements()) * sizeof(T));
  kernels_.conv_relu_maxpool_backward_input(a);
}

template <class T>
void Executor<T>::conv_backward_weights(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& src = plan_.tensors[step.src];
  const Tensor& grad = plan_.tensors[step.grad];
  const ParameterPlan& p = plan_.parameters[u.kernel];
  ConvGradArgs<T> a{};
  a.src_row = u.window.stride_rows * src.row();
  a.src_col = u.window.stride_cols * src.col;
  a.taps = step.taps.data();
  a.tap_count = narrow(p.taps);
  a.channels = narrow(p.inputs);
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(p.outputs);
  for (int64_t g = 0; g < u.groups; g++) {
    a.src = start(step.src, place) + g * p.inputs;
    a.grad = at(step.grad, place) + g * p.outputs;
    a.grad_weights = shard_gradient(u.kernel, place) + g * p.group_elements();
    a.grad_bias = u.bias < 0 ? nullptr : shard_gradient(u.bias, place) + g * p.outputs;
    kernels_.conv_backward_weights(a);
  }
}

template <class T>
void Executor<T>::conv_backward_input(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  const Tensor& dst = plan_.tensors[step.grad_src];
  const ParameterPlan& p = plan_.parameters[u.kernel];
  const Pack& pack = plan_.packs[step.pack];
  ConvArgs<T> a{};
  a.src_row = grad.row();
  a.src_col = grad.col;
  a.channels = narrow(p.outputs);
  a.dst_row = u.window.stride_rows * dst.row();
  a.dst_col = u.window.stride_cols * dst.col;
  a.outputs = narrow(p.inputs);
  a.exact_lanes = u.groups > 1;
  for (const InputClass& k : step.classes) {
    a.taps = k.taps.data();
    a.tap_count = narrow(static_cast<int64_t>(k.taps.size()));
    a.rows = narrow(k.rows);
    a.cols = narrow(k.cols);
    for (int64_t g = 0; g < u.groups; g++) {
      a.src = at(step.grad, place) + g * p.outputs;
      a.weights = packs_.as<T>() + pack.offset + g * pack.group_elements + k.pack_offset;
      a.dst = at(step.grad_src, place) + k.first_row * dst.row() + k.first_col * dst.col + g * p.inputs;
      kernels_.conv_backward_input(a);
    }
  }
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
  // Whole blocks are quicker where every buffer is padded to them; a softmax must not see the padding.
  const bool blocks = (step.src < 0 || stride(step.src) % kBlock == 0) && u.kind != UnitKind::softmax;
  if (blocks) a.cols = narrow(padded(u.out.channels));
  a.src_row = stride(step.src);
  a.dst_row = stride(step.dst);
  a.out_row = stride(step.out);
  a.grad_row = stride(step.grad);
  a.grad_src_row = stride(step.grad_src);
  for (int64_t r = 0; r < u.out.rows; r++) {
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

}  // namespace galago
