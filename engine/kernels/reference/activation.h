// Activations and their slopes, as formulas.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

template <class T>
T sigmoid(T x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

// Klambauer et al., "Self-Normalizing Neural Networks", 2017.
constexpr double kSeluScale = 1.0507009873554804934193349852946, kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSqrtHalf = 0.70710678118654752440, kNormalDensityAt0 = 0.39894228040143267794;

template <class T>
T relu6(T x) {
  return x <= 0 ? 0 : x > 6 ? 6 : x;
}

// Written so that NaN fails every comparison and comes out.
template <class T>
T activation_value(const ActivationArgs<T>& a, T x) {
  switch (a.kind) {
    case Activation::linear: return x;
    case Activation::relu: return x <= 0 ? 0 : x;
    case Activation::relu6: return relu6(x);
    case Activation::leaky_relu: return x > 0 ? x : a.alpha * x;
    case Activation::elu: return x > 0 ? x : a.alpha * std::expm1(x);
    case Activation::selu: return x > 0 ? T(kSeluScale) * x : T(kSeluScale * kSeluAlpha) * std::expm1(x);
    case Activation::softplus: return (x <= 0 ? 0 : x) + std::log1p(std::exp(-std::abs(x)));
    case Activation::softsign: return x / (1 + std::abs(x));
    case Activation::silu: return x * sigmoid(x);
    case Activation::gelu: return x * (T(0.5) * (1 + std::erf(T(kSqrtHalf) * x)));
    case Activation::tanh: return std::tanh(x);
    case Activation::sigmoid: return sigmoid(x);
    case Activation::hard_sigmoid: return relu6(x + 3) / 6;
    case Activation::exponential: return std::exp(x);
    case Activation::clipped_relu:
      if (x > a.beta) return x > a.limit ? a.limit : x;
      return a.alpha > 0 || x != x ? a.alpha * (x - a.beta) : 0;
    case Activation::rescale: return std::fma(x, a.alpha, a.beta);
    case Activation::softmax: break;  // not a function of one element
  }
  return x;
}

// The gradient of x from g, the gradient of y. At a corner the slope is that of the flatter side.
template <class T>
T activation_gradient(const ActivationArgs<T>& a, T x, T y, T g) {
  switch (a.kind) {
    case Activation::linear: return g;
    case Activation::relu: return y <= 0 ? 0 : g;
    case Activation::relu6: return y <= 0 || y >= 6 ? 0 : g;
    case Activation::leaky_relu: return x <= 0 ? a.alpha * g : g;
    case Activation::elu: return x > 0 ? g : g * (a.alpha * std::exp(x));
    case Activation::selu: return g * (x > 0 ? T(kSeluScale) : T(kSeluScale * kSeluAlpha) * std::exp(x));
    case Activation::softplus: return g * sigmoid(x);
    case Activation::softsign: return g / (1 + std::abs(x)) / (1 + std::abs(x));
    case Activation::silu: return g * (sigmoid(x) * (1 + x * (1 - sigmoid(x))));
    case Activation::gelu: {
      const T share_below = T(0.5) * (1 + std::erf(T(kSqrtHalf) * x));
      return g * (share_below + x * (T(kNormalDensityAt0) * std::exp(T(-0.5) * x * x)));
    }
    case Activation::tanh: return g * std::fma(-y, y, T(1));
    case Activation::sigmoid: return g * (y * (1 - y));
    case Activation::hard_sigmoid: return y <= 0 || y >= 1 ? 0 : g / 6;
    case Activation::exponential: return g * y;
    case Activation::clipped_relu: return x <= a.beta ? a.alpha * g : x >= a.limit ? 0 : g;
    case Activation::rescale: return a.alpha * g;
    case Activation::softmax: break;
  }
  return g;
}

template <class T>
void activation_forward(const ActivationArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t c = 0; c < a.cols; c++) a.dst[row * a.dst_row + c] = activation_value(a, a.src[row * a.src_row + c]);
}

template <class T>
void activation_backward(const ActivationArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t c = 0; c < a.cols; c++) {
      const T x = a.src[row * a.src_row + c], y = a.out[row * a.out_row + c], g = a.grad[row * a.grad_row + c];
      a.grad_src[row * a.grad_src_row + c] = activation_gradient(a, x, y, g);
    }
}

}  // namespace galago::reference
