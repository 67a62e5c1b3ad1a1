// Every activation as a forward function and the gradient of its input. x is the input, y what forward gave, g the
// gradient of y. At a corner the gradient is that of the flatter side, as in TensorFlow and JAX.
#pragma once

struct Linear {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return x;
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    return g;
  }
};

struct Relu {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return relu(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    return select(greater_or_unordered(y, zero<T>()), g, zero<T>());
  }
};

struct Relu6 {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return at_most(relu(x), T(6));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    const Mask<T> rising = greater_or_unordered(y, zero<T>()) & greater_or_unordered(broadcast(T(6)), y);
    return select(rising, g, zero<T>());
  }
};

struct LeakyRelu {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>& a) {
    return select(greater(x, zero<T>()), x, broadcast(a.alpha) * x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>& a) {
    return select(greater_or_unordered(x, zero<T>()), g, broadcast(a.alpha) * g);
  }
};

struct Elu {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>& a) {
    return select(greater(x, zero<T>()), x, broadcast(a.alpha) * expm1_negative(x));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>& a) {
    return select(greater(x, zero<T>()), g, g * (broadcast(a.alpha) * exp(x)));
  }
};

// Klambauer et al., "Self-Normalizing Neural Networks", 2017.
struct Selu {
  static constexpr double scale = 1.0507009873554804934193349852946, scale_alpha = 1.7580993408473768599402175208123;
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return select(greater(x, zero<T>()), broadcast(T(scale)) * x, broadcast(T(scale_alpha)) * expm1_negative(x));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    return g * select(greater(x, zero<T>()), broadcast(T(scale)), broadcast(T(scale_alpha)) * exp(x));
  }
};

struct Softplus {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return softplus(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    return g * sigmoid(x);
  }
};

struct Softsign {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return x / (broadcast(T(1)) + abs(x));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    const Block<T> below = broadcast(T(1)) + abs(x);
    return g / below / below;  // below * below might overflow
  }
};

struct Silu {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return x * sigmoid(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    const Block<T> one = broadcast(T(1)), s = sigmoid(x);
    return g * (s * fma(x, one - s, one));
  }
};

// x times the normal distribution's share below x. Its slope is that share plus x times the density.
struct Gelu {
  static constexpr double sqrt_half = 0.70710678118654752440, density_at_0 = 0.39894228040143267794;
  template <class T>
  static INLINE Block<T> share_below(const Block<T>& x) {
    return broadcast(T(0.5)) * (broadcast(T(1)) + erf(broadcast(T(sqrt_half)) * x));
  }
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return x * share_below(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>&) {
    const Block<T> density = broadcast(T(density_at_0)) * exp(broadcast(T(-0.5)) * x * x);
    return g * fma(x, density, share_below(x));
  }
};

struct Tanh {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return tanh(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    return g * fma(zero<T>() - y, y, broadcast(T(1)));
  }
};

struct Sigmoid {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return sigmoid(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    return g * (y * (broadcast(T(1)) - y));
  }
};

// Keras 3: relu6(x + 3) / 6.
struct HardSigmoid {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return at_most(relu(x + broadcast(T(3))), T(6)) / broadcast(T(6));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    const Mask<T> rising = greater_or_unordered(y, zero<T>()) & greater_or_unordered(broadcast(T(1)), y);
    return select(rising, g / broadcast(T(6)), zero<T>());
  }
};

struct Exponent {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>&) {
    return exp(x);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>& y, const Block<T>& g, const ActivationArgs<T>&) {
    return g * y;
  }
};

// alpha * (x - beta) up to beta, then x, but never more than limit. An alpha of 0 gives 0 where x is -inf, too.
struct ClippedRelu {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>& a) {
    const Block<T> slope = broadcast(a.alpha) * (x - broadcast(a.beta));
    const Block<T> below = a.alpha > T(0) ? slope : keep(unordered(x, x), x);
    return select(greater(x, broadcast(a.beta)), at_most(x, a.limit), below);
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>& x, const Block<T>&, const Block<T>& g, const ActivationArgs<T>& a) {
    const Block<T> above = select(greater_or_unordered(broadcast(a.limit), x), g, zero<T>());
    return select(greater_or_unordered(x, broadcast(a.beta)), above, broadcast(a.alpha) * g);
  }
};

struct Rescale {
  template <class T>
  static INLINE Block<T> forward(const Block<T>& x, const ActivationArgs<T>& a) {
    return fma(x, broadcast(a.alpha), broadcast(a.beta));
  }
  template <class T>
  static INLINE Block<T> backward(const Block<T>&, const Block<T>&, const Block<T>& g, const ActivationArgs<T>& a) {
    return broadcast(a.alpha) * g;
  }
};
