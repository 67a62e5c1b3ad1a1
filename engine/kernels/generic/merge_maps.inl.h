// Two maps become one (+ ReLU), and the gradients of both: where branches of a network, or gradients of a map that
// several layers read, meet.
#pragma once

template <class T>
INLINE Block<T> load_from(const Map<const T>& map, int64_t row, int64_t col, int c) {
  return load(map.data + row * map.row + col * map.col + c);
}

// Of equal numbers the first is taken; NaN wins.
template <class T>
INLINE Mask<T> takes_second(Merge kind, const Block<T>& a, const Block<T>& b) {
  return (kind == Merge::maximum ? greater(b, a) : greater(a, b)) | unordered(b, b);
}

template <class T>
INLINE Block<T> merged(Merge kind, const Block<T>& a, const Block<T>& b) {
  switch (kind) {
    case Merge::add: return a + b;
    case Merge::subtract: return a - b;
    case Merge::multiply: return a * b;
    case Merge::maximum:
    case Merge::minimum: break;
  }
  return select(takes_second(kind, a, b), b, a);
}

template <class T>
void merge_maps(const MergeArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int c = 0; c < a.channels; c += kLanes) {
        const Block<T> both = merged(a.kind, load_from(a.a, row, col, c), load_from(a.b, row, col, c));
        store(a.dst.data + row * a.dst.row + col * a.dst.col + c, a.relu ? relu(both) : both);
      }
}

// The gradient of one of the two at a position.
template <class T>
INLINE Block<T> merge_gradient(const MergeGradArgs<T>& a, int64_t row, int64_t col, int c) {
  const Block<T> grad = load_from(a.grad, row, col, c);
  switch (a.kind) {
    case Merge::add: return grad;
    case Merge::subtract: return a.second ? zero<T>() - grad : grad;
    case Merge::multiply: return grad * load_from(a.other, row, col, c);
    case Merge::maximum:
    case Merge::minimum: break;
  }
  const Block<T> own = load_from(a.own, row, col, c), other = load_from(a.other, row, col, c);
  const Mask<T> taken = a.second ? takes_second(a.kind, other, own) : ~takes_second(a.kind, own, other);
  return select(taken, grad, zero<T>());
}

template <class T>
void merge_backward(const MergeGradArgs<T>& a) {
  for (int c = 0; c < a.channels; c += kLanes) {
    Block<T> sum = zero<T>();
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++) {
        const Block<T> grad = merge_gradient(a, row, col, c);
        if (a.sum) sum = sum + grad;
        else store(a.grad_own.data + row * a.grad_own.row + col * a.grad_own.col + c, grad);
      }
    if (a.sum) store(a.grad_own.data + c, sum);
  }
}
