// Activations over rows of elements. dst may be src, grad_src may be grad.
#pragma once

// Rows of few elements, each with room for a block, packed side by side so that lanes are full.
constexpr int kNarrow = 8;
template <class Function, class T>
INLINE void activate_narrow_rows(const ActivationArgs<T>& a) {
  constexpr int group = 32;
  T packed[group * kNarrow + kLanes] = {};
  for (int64_t row = 0; row < a.rows; row += group) {
    const int64_t count = a.rows - row < group ? a.rows - row : group;
    const T* src = a.src + row * a.src_row;
    T* dst = a.dst + row * a.dst_row;
    for (int64_t i = 0; i < count; i++) store(packed + i * a.cols, load(src + i * a.src_row));
    for (int64_t c = 0; c < count * a.cols; c += kLanes) store(packed + c, Function::forward(load(packed + c), a));
    for (int64_t i = 0; i < count; i++) store(dst + i * a.dst_row, load(packed + i * a.cols));
  }
}

struct ActivationForward {
  template <class Function, class T>
  static void run(const ActivationArgs<T>& a) {
    if (a.cols <= kNarrow && a.rows > 1 && a.src_row >= kLanes && a.dst_row >= kLanes)
      return activate_narrow_rows<Function>(a);
    for (int64_t row = 0; row < a.rows; row++) {
      const T* src = a.src + row * a.src_row;
      T* dst = a.dst + row * a.dst_row;
      for (int c = 0; c < a.cols; c += kLanes) {
        const int n = a.cols - c < kLanes ? a.cols - c : kLanes;
        store_first(dst + c, Function::forward(load_first(src + c, n), a), n);
      }
    }
  }
};

struct ActivationBackward {
  template <class Function, class T>
  static void run(const ActivationArgs<T>& a) {
    for (int64_t row = 0; row < a.rows; row++) {
      const T* src = a.src + row * a.src_row;
      const T* out = a.out + row * a.out_row;
      const T* grad = a.grad + row * a.grad_row;
      T* grad_src = a.grad_src + row * a.grad_src_row;
      for (int c = 0; c < a.cols; c += kLanes) {
        const int n = a.cols - c < kLanes ? a.cols - c : kLanes;
        const Block<T> x = load_first(src + c, n), y = load_first(out + c, n), g = load_first(grad + c, n);
        store_first(grad_src + c, Function::backward(x, y, g, a), n);
      }
    }
  }
};

template <class Direction, class T>
INLINE void run_activation(const ActivationArgs<T>& a) {
  switch (a.kind) {
    case Activation::linear: return Direction::template run<Linear>(a);
    case Activation::relu: return Direction::template run<Relu>(a);
    case Activation::relu6: return Direction::template run<Relu6>(a);
    case Activation::leaky_relu: return Direction::template run<LeakyRelu>(a);
    case Activation::elu: return Direction::template run<Elu>(a);
    case Activation::selu: return Direction::template run<Selu>(a);
    case Activation::softplus: return Direction::template run<Softplus>(a);
    case Activation::softsign: return Direction::template run<Softsign>(a);
    case Activation::silu: return Direction::template run<Silu>(a);
    case Activation::gelu: return Direction::template run<Gelu>(a);
    case Activation::tanh: return Direction::template run<Tanh>(a);
    case Activation::sigmoid: return Direction::template run<Sigmoid>(a);
    case Activation::hard_sigmoid: return Direction::template run<HardSigmoid>(a);
    case Activation::exponential: return Direction::template run<Exponent>(a);
    case Activation::clipped_relu: return Direction::template run<ClippedRelu>(a);
    case Activation::rescale: return Direction::template run<Rescale>(a);
    case Activation::softmax: return;  // mixes columns: softmax_forward, softmax_backward
  }
}

template <class T>
void activation_forward(const ActivationArgs<T>& a) {
  run_activation<ActivationForward>(a);
}
template <class T>
void activation_backward(const ActivationArgs<T>& a) {
  run_activation<ActivationBackward>(a);
}
