#pragma once

// What follows the sums of 16 outputs: a batch norm or a bias, then ReLU, each where there is one. It is read once for
// many sums. What is missing does nothing in its place instead of being asked for: -0 leaves every sum as it is.
template <class T>
struct ScaleAndShift {
  Block<T> scale, shift, least;
  INLINE ScaleAndShift(const T* scales, const T* biases, bool with_relu)
      : scale(scales ? load(scales) : broadcast(T(1))),
        shift(biases ? load(biases) : broadcast(T(-0.0))),
        least(broadcast(with_relu ? T(0) : T(-__builtin_inf()))) {}
  INLINE Block<T> operator()(const Block<T>& sum) const {
    Block<T> value;
    EACH_REGISTER value.r[i] = (*this)(sum.r[i], i);
    return value;
  }
  // One register of a block.
  INLINE typename Native<T>::Reg operator()(typename Native<T>::Reg sum, int part) const {
    using V = Native<T>;
    const auto value = V::fma(sum, scale.r[part], shift.r[part]);
    return V::select(V::greater_or_unordered(value, least.r[part]), value, least.r[part]);
  }
};

// The same for one sum.
template <class T>
INLINE Block<T> scale_and_shift(const Block<T>& sum, const T* scale, const T* bias, bool with_relu) {
  return ScaleAndShift<T>(scale, bias, with_relu)(sum);
}
