// The steps that make one picture of another.
#include <algorithm>

#include "exec/drawing.h"
#include "exec/executor.h"

namespace galago {

template <class T>
void Executor<T>::resize(const Step& step, const Place& place) const {
  const int to = step.dst >= 0 ? step.dst : step.grad_src;
  const Shape& shape = plan_.tensors[to].shape;
  ResizeArgs<T> a{};
  a.src = constant(map(step.dst >= 0 ? step.src : step.grad, place));
  a.dst = map(to, place);
  a.rows = narrow(shape.rows);
  a.cols = narrow(shape.cols);
  a.channels = narrow(shape.channels);
  a.by_row = step.by_row.view();
  a.by_col = step.by_col.view();
  a.fill = plan_.units[step.unit].resizing.fill;
  kernels_.resize(a);
}

template <class T>
void Executor<T>::warp(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const bool forward = step.dst >= 0;
  WarpArgs<T> a{};
  a.from = constant(map(forward ? step.src : step.grad, place));
  a.to = map(forward ? step.dst : step.grad_src, place);
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(u.out.channels);
  a.other_rows = narrow(u.in.rows);
  a.other_cols = narrow(u.in.cols);
  const Places places = places_of(u, draw_image(u.seed, batch_.step, place.image));
  for (size_t axis = 0; axis < 2; axis++) std::ranges::copy(places[axis], a.places[axis]);
  a.mode = u.warping.fill_mode;
  a.nearest = u.warping.nearest;
  a.fill = static_cast<T>(u.warping.fill);
  if (forward) kernels_.warp_forward(a);
  else kernels_.warp_backward(a);
}

template <class T>
void Executor<T>::tone(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Toning& t = u.toning;
  ToneArgs<T> a{};
  a.src = constant(map(step.src, place));
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(u.out.channels);
  a.contrast = t.contrast;
  a.amount = static_cast<T>(between(t.low, t.high, draw_image(u.seed, batch_.step, place.image)[0]));
  a.least = static_cast<T>(t.least);
  a.most = static_cast<T>(t.most);
  a.dst = map(step.dst, place);
  a.grad = constant(map(step.grad, place));
  a.grad_src = map(step.grad_src, place);
  if (step.dst >= 0) kernels_.tone_forward(a);
  else kernels_.tone_backward(a);
}

template void Executor<float>::resize(const Step&, const Place&) const;
template void Executor<double>::resize(const Step&, const Place&) const;
template void Executor<float>::warp(const Step&, const Place&) const;
template void Executor<double>::warp(const Step&, const Place&) const;
template void Executor<float>::tone(const Step&, const Place&) const;
template void Executor<double>::tone(const Step&, const Place&) const;

}  // namespace galago
