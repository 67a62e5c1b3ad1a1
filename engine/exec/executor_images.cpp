// The steps that make one picture of another.
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

template void Executor<float>::resize(const Step&, const Place&) const;
template void Executor<double>::resize(const Step&, const Place&) const;

}  // namespace galago
