// The steps that put the elements of maps in other places, and those that make one map of two.
#include <algorithm>

#include "exec/executor.h"

namespace galago {

// Between a map and a part of a larger one, either way: some of its channels, or what lies inside a padding; or its
// compact rows, when it is flattened.
template <class T>
void Executor<T>::copy_map(const Step& step, const Place& place) const {
  const UnitKind kind = plan_.units[step.unit].kind;
  if (kind == UnitKind::upsample) return upsample(step, place);
  const int read = step.dst >= 0 ? step.src : step.grad, written = step.dst >= 0 ? step.dst : step.grad_src;
  const bool grows = (step.dst >= 0) != (kind == UnitKind::crop);  // from the small map to the large one
  const int small = grows ? read : written, large = grows ? written : read;
  const Shape& shape = plan_.tensors[small].shape;
  const Map<T> from = map(small, place);
  Map<T> to = map(large, place);
  int64_t rows = shape.rows, cols = shape.cols;
  if (kind == UnitKind::flatten) {
    to.col = shape.channels;
    to.row = shape.cols * to.col;
  } else {  // what is not needed of the larger map may not be there; a dilated one has zeros between its elements
    const Window& w = plan_.units[step.unit].window;
    to.row *= w.stride_rows;
    to.col *= w.stride_cols;
    to.data += step.first_row * to.row + step.first_col * to.col + step.channel;
    rows = std::min(rows, plan_.tensors[large].shape.rows - step.first_row);
    cols = std::min(cols, plan_.tensors[large].shape.cols - step.first_col);
    if (rows < 1 || cols < 1) return;
  }
  const Map<T>& src = grows ? from : to;
  const Map<T>& dst = grows ? to : from;
  kernels_.copy_map(
      {src.data, src.row, src.col, dst.data, dst.row, dst.col, narrow(rows), narrow(cols), narrow(shape.channels)});
}

// Both maps in the order of their own axes, but one that is permuted in that of the other.
template <class T>
void Executor<T>::reorder(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const bool forward = step.dst >= 0;
  const auto axes = [this](int tensor) {
    const Tensor& t = plan_.tensors[tensor];
    return Axes{{t.shape.rows, t.shape.cols, t.shape.channels}, {t.row(), t.col, 1}};
  };
  const int before = forward ? step.src : step.grad_src, after = forward ? step.dst : step.grad;
  Axes from = axes(before);
  if (u.kind == UnitKind::permute) {
    const Axes own = from;
    for (size_t i = 0; i < 3; i++) {
      from.count[i] = own.count[u.order[i]];
      from.stride[i] = own.stride[u.order[i]];
    }
  }
  if (forward) kernels_.reorder({at(before, place), at(after, place), from, axes(after)});
  else kernels_.reorder({at(after, place), at(before, place), axes(after), from});
}

// Each of a position's copies is a map of its own, with the others between its rows and columns.
template <class T>
void Executor<T>::upsample(const Step& step, const Place& place) const {
  const Window& w = plan_.units[step.unit].window;
  const Shape& shape = plan_.tensors[step.src].shape;
  const Map<T> src = map(step.src, place), dst = map(step.dst, place);
  for (int64_t r = 0; r < w.rows; r++)
    for (int64_t c = 0; c < w.cols; c++)
      kernels_.copy_map({src.data, src.row, src.col, dst.data + r * dst.row + c * dst.col, w.rows * dst.row,
                         w.cols * dst.col, narrow(shape.rows), narrow(shape.cols), narrow(shape.channels)});
}

// Added in row-major order.
template <class T>
void Executor<T>::upsample_backward(const Step& step, const Place& place) const {
  const Window& w = plan_.units[step.unit].window;
  const Shape& shape = plan_.tensors[step.grad_src].shape;
  const Map<T> grad = map(step.grad, place), sum = map(step.grad_src, place);
  kernels_.copy_map({grad.data, w.rows * grad.row, w.cols * grad.col, sum.data, sum.row, sum.col, narrow(shape.rows),
                     narrow(shape.cols), narrow(padded(shape.channels))});
  MergeArgs<T> a{};
  a.a = constant(sum);
  a.dst = sum;
  a.rows = narrow(shape.rows);
  a.cols = narrow(shape.cols);
  a.channels = narrow(padded(shape.channels));
  for (int64_t copy = 1; copy < w.rows * w.cols; copy++) {
    a.b = {grad.data + copy / w.cols * grad.row + copy % w.cols * grad.col, w.rows * grad.row, w.cols * grad.col};
    kernels_.merge_maps(a);
  }
}

// A map as one of this shape sees it, with which one of one position goes everywhere.
template <class T>
Map<T> Executor<T>::spread(int tensor, const Shape& over, const Place& place) const {
  Map<T> m = map(tensor, place);
  if (tensor >= 0 && !over.is_vector() && plan_.tensors[tensor].shape.is_vector()) m.row = m.col = 0;
  return m;
}

template <class T>
void Executor<T>::merge_maps(const Step& step, const Place& place) const {
  if (step.dst < 0) return upsample_backward(step, place);
  const Tensor& dst = plan_.tensors[step.dst];
  const Rows rows = rows_of(dst.shape.rows, place);
  MergeArgs<T> a{};
  a.kind = step.merge;
  a.a = constant(spread(step.src, dst.shape, place), rows);
  a.b = constant(spread(step.other, dst.shape, place), rows);
  a.dst = map(step.dst, place);
  a.dst.data += rows.first * a.dst.row;
  a.rows = narrow(rows.count);
  a.cols = narrow(dst.shape.cols);
  a.channels = narrow(padded(dst.shape.channels));
  a.relu = step.relu;
  kernels_.merge_maps(a);
}

template <class T>
void Executor<T>::merge_backward(const Step& step, const Place& place) const {
  const Shape& shape = plan_.units[step.unit].out;
  MergeGradArgs<T> a{};
  a.kind = step.merge;
  a.second = step.operand == 1;
  a.own = constant(spread(step.src, shape, place));
  a.other = constant(spread(step.other, shape, place));
  a.grad = constant(map(step.grad, place));
  a.grad_own = map(step.grad_src, place);
  a.rows = narrow(shape.rows);
  a.cols = narrow(shape.cols);
  a.channels = narrow(padded(shape.channels));
  a.sum = !shape.is_vector() && plan_.tensors[step.grad_src].shape.is_vector();
  kernels_.merge_backward(a);
}

template void Executor<float>::copy_map(const Step&, const Place&) const;
template void Executor<double>::copy_map(const Step&, const Place&) const;
template void Executor<float>::reorder(const Step&, const Place&) const;
template void Executor<double>::reorder(const Step&, const Place&) const;
template void Executor<float>::merge_maps(const Step&, const Place&) const;
template void Executor<double>::merge_maps(const Step&, const Place&) const;
template void Executor<float>::merge_backward(const Step&, const Place&) const;
template void Executor<double>::merge_backward(const Step&, const Place&) const;

}  // namespace galago
