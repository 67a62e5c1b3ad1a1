// The steps of convolutions: each fills in its kernel's arguments and calls it.
#include <algorithm>

#include "exec/executor.h"

namespace galago {

// What tap 0 of output (0, 0) reads: the corner of the padding, which may lie inside a halo that other readers need.
template <class T>
T* Executor<T>::corner(int tensor, const Window& w, const Place& place) const {
  const Tensor& t = plan_.tensors[tensor];
  return at(tensor, place) - w.top * t.row() - w.left * t.col;
}

// How a unit's windows lie on a map, and what they read there with their first channel.
template <class T>
void Executor<T>::set_windows(TapSource<T>& a, const Step& step, int tensor, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& t = plan_.tensors[tensor];
  a.src = corner(tensor, u.window, place);
  a.src_row = u.window.stride_rows * t.row();
  a.src_col = u.window.stride_cols * t.col;
  a.taps = step.taps.data();
  a.tap_count = narrow(static_cast<int64_t>(step.taps.size()));
  a.channels = narrow(u.in.channels / u.groups);
}

template <class T>
void Executor<T>::conv_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& dst = plan_.tensors[step.dst];
  const Pack& pack = plan_.packs[step.pack];
  const Rows rows = rows_of(u.out.rows, place);
  const int64_t channels = u.in.channels / u.groups, outputs = u.out.channels / u.groups;
  const bool pooled = u.kind == UnitKind::conv_pool;
  const T* scale = scale_of(step, place);
  const T* shift = shift_of(step, place);
  ConvArgs<T> a{};
  set_windows(a, step, step.src, place);
  const T* src = a.src + rows.first * (pooled ? 2 : 1) * a.src_row;
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.rows = narrow(rows.count);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(outputs);
  a.relu = u.relu;
  a.exact_lanes = u.groups > 1;
  a.winners = winners(step.winners, place);
  a.scratch = step.thin ? work(place) : nullptr;
  for (int64_t g = 0; g < u.groups; g++) {
    a.src = src + g * channels;
    a.weights = packed(pack, place.worker) + g * pack.group_elements;
    a.scale = scale ? scale + g * outputs : nullptr;
    a.bias = shift ? shift + g * outputs : nullptr;
    a.dst = at(step.dst, place) + rows.first * a.dst_row + g * outputs;
    if (pooled) kernels_.conv_relu_maxpool_forward(a);
    else kernels_.conv_forward(a);
  }
}

template <class T>
void Executor<T>::depthwise_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& dst = plan_.tensors[step.dst];
  const Rows rows = rows_of(u.out.rows, place);
  DepthwiseArgs<T> a{};
  set_windows(a, step, step.src, place);
  a.src += rows.first * a.src_row;
  a.channels = narrow(u.out.channels);
  a.weights = weight(u.kernel);
  a.scale = scale_of(step, place);
  a.bias = shift_of(step, place);
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.dst = at(step.dst, place) + rows.first * a.dst_row;
  a.rows = narrow(rows.count);
  a.cols = narrow(u.out.cols);
  a.relu = u.relu;
  kernels_.depthwise_forward(a);
}

template <class T>
PooledGradArgs<T> Executor<T>::pooled_gradient(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  PooledGradArgs<T> a{};
  set_windows(a, step, step.src >= 0 ? step.src : step.grad_src, place);
  a.winners = winners(step.winners, place);
  a.grad = at(step.grad, place);
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(u.out.channels);
  a.kernel_cols = narrow(u.window.cols);
  return a;
}

template <class T>
void Executor<T>::conv_pool_backward_weights(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& src = plan_.tensors[step.src];
  PooledGradArgs<T> a = pooled_gradient(step, place);
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
  a.weights = packed(plan_.packs[step.pack], place.worker);
  a.grad_src = corner(step.grad_src, plan_.units[step.unit].window, place);
  const Tensor& map = plan_.tensors[step.grad_src];
  a.grad_map = start(step.grad_src, place);
  a.grad_map_size = (map.top + map.shape.rows + map.bottom) * map.row();
  kernels_.conv_relu_maxpool_backward_input(a);
}

// Of convolutions over all channels, group by group, and of depthwise ones.
template <class T>
void Executor<T>::conv_backward_weights(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  const ParameterPlan& p = plan_.parameters[u.kernel];
  ConvGradArgs<T> a{};
  set_windows(a, step, step.src, place);
  const T* src = a.src;
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.outputs = narrow(p.outputs);
  const bool depthwise = u.kind == UnitKind::depthwise;
  if (depthwise) a.channels = a.outputs;
  for (int64_t g = 0; g < p.groups; g++) {
    a.src = src + g * p.inputs;
    a.grad = at(step.grad, place) + g * p.outputs;
    a.grad_weights = shard_gradient(u.kernel, place) + g * p.group_elements();
    a.grad_bias = u.bias < 0 ? nullptr : shard_gradient(u.bias, place) + g * p.outputs;
    if (depthwise) kernels_.depthwise_backward_weights(a);
    else kernels_.conv_backward_weights(a);
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
  a.scratch = step.thin ? work(place) : nullptr;
  for (const InputClass& k : step.classes) {
    a.taps = k.taps.data();
    a.tap_count = narrow(static_cast<int64_t>(k.taps.size()));
    a.rows = narrow(k.rows);
    a.cols = narrow(k.cols);
    for (int64_t g = 0; g < u.groups; g++) {
      a.src = at(step.grad, place) + g * p.outputs;
      a.weights = packed(pack, place.worker) + g * pack.group_elements + k.pack_offset;
      a.dst = at(step.grad_src, place) + k.first_row * dst.row() + k.first_col * dst.col + g * p.inputs;
      kernels_.conv_backward_input(a);
    }
  }
}

// The same, where every channel is by itself.
template <class T>
void Executor<T>::depthwise_backward_input(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor& grad = plan_.tensors[step.grad];
  const Tensor& dst = plan_.tensors[step.grad_src];
  DepthwiseArgs<T> a{};
  a.src = at(step.grad, place);
  a.src_row = grad.row();
  a.src_col = grad.col;
  a.channels = narrow(u.in.channels);
  a.weights = weight(u.kernel);
  a.dst_row = u.window.stride_rows * dst.row();
  a.dst_col = u.window.stride_cols * dst.col;
  for (const InputClass& k : step.classes) {
    a.taps = k.taps.data();
    a.tap_order = k.tap_order.data();
    a.tap_count = narrow(static_cast<int64_t>(k.taps.size()));
    a.dst = at(step.grad_src, place) + k.first_row * dst.row() + k.first_col * dst.col;
    a.rows = narrow(k.rows);
    a.cols = narrow(k.cols);
    kernels_.depthwise_backward_input(a);
  }
}

template void Executor<float>::conv_forward(const Step&, const Place&) const;
template void Executor<float>::depthwise_forward(const Step&, const Place&) const;
template void Executor<float>::conv_pool_backward_weights(const Step&, const Place&) const;
template void Executor<float>::conv_pool_backward_input(const Step&, const Place&) const;
template void Executor<float>::conv_backward_weights(const Step&, const Place&) const;
template void Executor<float>::conv_backward_input(const Step&, const Place&) const;
template void Executor<float>::depthwise_backward_input(const Step&, const Place&) const;
template void Executor<double>::conv_forward(const Step&, const Place&) const;
template void Executor<double>::depthwise_forward(const Step&, const Place&) const;
template void Executor<double>::conv_pool_backward_weights(const Step&, const Place&) const;
template void Executor<double>::conv_pool_backward_input(const Step&, const Place&) const;
template void Executor<double>::conv_backward_weights(const Step&, const Place&) const;
template void Executor<double>::conv_backward_input(const Step&, const Place&) const;
template void Executor<double>::depthwise_backward_input(const Step&, const Place&) const;

}  // namespace galago
