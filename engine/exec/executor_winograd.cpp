// The steps that run by Winograd's algorithm, for some images at once.
#include <algorithm>

#include "exec/executor.h"

namespace galago {

// What is the same on the way forward and back: tiles, weights, room to work in, and the geometry of the maps.
template <class T>
WinogradArgs<T> Executor<T>::winograd_arguments(const Step& step, const Place& place, int from, int to) const {
  const Tensor &src = plan_.tensors[from], &dst = plan_.tensors[to];
  WinogradArgs<T> a{};
  static_cast<WinogradTiles&>(a) = winograd_tiles(plan_.units[step.unit], step.kernel);
  a.images = place.images;
  a.src_image = src.elements();
  a.src_row = src.row();
  a.src_col = src.col;
  a.channels = narrow(src.shape.channels);
  a.weights = packed(plan_.packs[step.pack], place.worker);
  a.dst = at(to, place);
  a.dst_image = dst.elements();
  a.dst_row = dst.row();
  a.dst_col = dst.col;
  a.dst_rows = narrow(dst.shape.rows);
  a.dst_cols = narrow(dst.shape.cols);
  a.outputs = narrow(dst.shape.channels);
  a.last_output = narrow(padded(dst.shape.channels));
  a.scratch = work(place);
  return a;
}

// A slice is some outputs, where that leaves each a pair of blocks, so that weights at all points are read only once;
// else some rows of tiles.
template <class T>
void Executor<T>::winograd_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const bool pooled = u.kind == UnitKind::conv_pool;
  WinogradArgs<T> a = winograd_arguments(step, place, step.src, step.dst);
  a.src = corner(step.src, u.window, place);
  a.scale = scale_of(step, place);
  a.bias = shift_of(step, place);
  a.relu = u.relu;
  a.winners = winners(step.winners, place);
  if (step.winners >= 0) a.winners_image = plan_.tensors[step.winners].elements();
  if (place.slices > 1) {
    const int64_t blocks = padded(u.out.channels) / kBlock, tile = pooled ? u.winograd / 2 : u.winograd;
    if (blocks >= 2 * place.slices || (pooled && u.winograd % 2)) {
      const Rows some = rows_of(blocks, place);
      a.first_output = narrow(some.first * kBlock);
      a.last_output = narrow((some.first + some.count) * kBlock);
    } else {
      const Rows tiles = rows_of(a.rows, place);
      a.rows = narrow(tiles.count);
      a.src += tiles.first * u.winograd * a.src_row;
      a.dst += tiles.first * tile * a.dst_row;
      a.dst_rows = narrow(std::min(tile * tiles.count, u.out.rows - tile * tiles.first));
    }
  }
  if (a.rows == 0 || a.first_output == a.last_output) return;
  if (pooled) kernels_.conv_winograd_relu_maxpool_forward(a);
  else kernels_.conv_winograd_forward(a);
}

template <class T>
void Executor<T>::winograd_backward_input(const Step& step, const Place& place) const {
  const Window& window = plan_.units[step.unit].window;
  WinogradArgs<T> a = winograd_arguments(step, place, step.grad, step.grad_src);
  // The window turned round: what tap 0 of input (0, 0) reads.
  const int64_t last = window.rows - 1;
  a.src = at(step.grad, place) - (last - window.top) * a.src_row - (last - window.left) * a.src_col;
  kernels_.conv_winograd_backward_input(a);
}

template <class T>
void Executor<T>::winograd_backward_weights(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Tensor &src = plan_.tensors[step.src], &grad = plan_.tensors[step.grad];
  WinogradGradArgs<T> a{};
  static_cast<WinogradTiles&>(a) = winograd_tiles(u, step.kernel);
  a.images = place.images;
  a.src_image = src.elements();
  a.src_row = src.row();
  a.src_col = src.col;
  a.src = corner(step.src, u.window, place);
  a.grad_image = grad.elements();
  a.grad_row = grad.row();
  a.grad_col = grad.col;
  a.grad = at(step.grad, place);
  a.grad_rows = narrow(u.out.rows);
  a.grad_cols = narrow(u.out.cols);
  a.channels = narrow(u.in.channels);
  a.outputs = narrow(u.out.channels);
  a.grad_weights = shard_gradient(u.kernel, place);
  a.grad_bias = shard_gradient(u.bias, place);
  a.scratch = work(place);
  kernels_.conv_winograd_backward_weights(a);
}

template void Executor<float>::winograd_forward(const Step&, const Place&) const;
template void Executor<float>::winograd_backward_input(const Step&, const Place&) const;
template void Executor<float>::winograd_backward_weights(const Step&, const Place&) const;
template void Executor<double>::winograd_forward(const Step&, const Place&) const;
template void Executor<double>::winograd_backward_input(const Step&, const Place&) const;
template void Executor<double>::winograd_backward_weights(const Step&, const Place&) const;

}  // namespace galago
