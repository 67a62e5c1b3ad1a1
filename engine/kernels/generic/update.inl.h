// Optimizers: one pass over the weights that sums the shards' gradients and updates weights and moments.
#pragma once

// The gradient: shards are added by the tree ((0 + 1) + (2 + 3)) + ..., whatever is missing left out, so the order
// depends on their number alone. n: a power of two, the shards under this node. Register by register: where branches
// meet, compilers would take a block of several registers through memory, and wait for it.
template <int n, template <class> class Args, class T>
INLINE typename Native<T>::Reg sum_node(const Args<T>& a, int first, int64_t i) {
  if constexpr (n == 1) {
    return Native<T>::load(a.grads[first] + i);
  } else {
    const auto left = sum_node<n / 2>(a, first, i);
    if (first + n / 2 >= a.shards) return left;
    return left + sum_node<n / 2>(a, first + n / 2, i);
  }
}
template <template <class> class Args, class T>
INLINE Block<T> sum_shards(const Args<T>& a, int64_t first) {
  Block<T> sum;
  EACH_REGISTER sum.r[i] = sum_node<kMaxShards>(a, 0, first + i * Native<T>::lanes);
  return sum;
}

// Zero where |x| < 2^-100, NaN kept. A moment whose gradient has stopped decays into the subnormal numbers, which cost
// a hundred cycles each (a quarter of Adam's moments after 600 steps of the reference model, and twice its time). Next
// to epsilon = 1e-7 a moment this small moves no weight by more than 1e-26.
template <class T>
INLINE Block<T> without_dust(const Block<T>& x) {
  const T least = T(0x1p-100);
  return select(greater(broadcast(least), x) & greater(x, broadcast(-least)), zero<T>(), x);
}

// Keras's rule: m = momentum m - rate g, then w += m, or with Nesterov w += momentum m - rate g; without momentum
// w -= rate g. Chains: fma(-rate, g, momentum * m), fma(-rate, g, w).
template <class T>
void sgd_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(-a.rate), momentum = broadcast(a.momentum);
  const bool moving = a.momentum != 0;
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i), w = load(a.weights + i);
    if (!moving) {
      store(a.weights + i, fma(rate, g, w));
      continue;
    }
    const Block<T> m = without_dust(fma(rate, g, momentum * load(a.first + i)));
    store(a.first + i, m);
    store(a.weights + i, w + (a.nesterov ? fma(rate, g, momentum * m) : m));
  }
}

// m += (1 - beta_1) (g - m); v += (1 - beta_2) (g g - v); w -= rate m / (sqrt(v) + epsilon), with exact roots and
// divisions. Chains: fma(g - m, 1 - beta_1, m), fma(fma(g, g, -v), 1 - beta_2, v). AMSGrad divides by the root of the
// largest v so far, which is the third number it keeps.
template <bool largest, class T>
INLINE void adam_steps(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(a.rate), epsilon = broadcast(a.epsilon);
  const Block<T> rest_1 = broadcast(a.rest_1), rest_2 = broadcast(a.rest_2);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i);
    const Block<T> old_m = load(a.first + i), old_v = load(a.second + i);
    const Block<T> m = without_dust(fma(g - old_m, rest_1, old_m));
    Block<T> v = without_dust(fma(fma(g, g, zero<T>() - old_v), rest_2, old_v));
    store(a.first + i, m);
    store(a.second + i, v);
    if constexpr (largest) {
      v = maximum(load(a.third + i), v);
      store(a.third + i, v);
    }
    store(a.weights + i, load(a.weights + i) - rate * m / (sqrt(v) + epsilon));
  }
}
template <class T>
void adam_update(const UpdateArgs<T>& a) {
  adam_steps<false>(a);
}
template <class T>
void amsgrad_update(const UpdateArgs<T>& a) {
  adam_steps<true>(a);
}
