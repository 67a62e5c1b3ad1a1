// Focal cross-entropies: what a model is sure of and right about counts less, by (1 - p)^gamma.
#pragma once

// x^n for x >= 0. A small whole n is a product, so the usual 2 is as exact as it looks.
template <class T>
INLINE Block<T> power(const Block<T>& x, T n) {
  if (n == T(int(n)) && n >= 0 && n <= 8) {
    Block<T> product = broadcast(T(1));
    for (int i = 0; i < int(n); i++) product = product * x;
    return product;
  }
  return exp(broadcast(n) * log(x));
}

// x^gamma and its derivative.
template <class T>
struct Focus {
  Block<T> factor, slope;
};
template <class T>
INLINE Focus<T> focus(const Block<T>& x, T gamma) {
  if (gamma == 0) return {broadcast(T(1)), zero<T>()};
  return {power(x, gamma), broadcast(gamma) * power(x, gamma - 1)};
}

// Mean of weight (1 - q)^gamma (-(t log p + (1 - t) log(1 - p))), where q = t p + (1 - t) (1 - p). The weight is alpha
// for yes and 1 - alpha for no where they are balanced, else 1. The logarithms see p clipped.
template <class T>
Block<T> binary_focal_crossentropy(const LossRows<T>& a, const LossOptions& options, bool from_logits) {
  const Block<T> outputs = broadcast(T(a.classes)), share = a.scale / outputs, one = broadcast(T(1));
  const Block<T> none = zero<T>();
  const T alpha = T(options.alpha);
  Block<T> loss = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), not_t = one - t, x = load(a.values + c * kLanes);
    const Block<T> p = from_logits ? sigmoid(x) : x, safe = clip(p);
    const Block<T> entropy = none - fma(t, log(safe), not_t * log(one - safe));
    const Block<T> entropy_slope = select(unclipped(p), not_t / (one - safe) - t / safe, none);
    const Focus<T> f = focus(one - fma(t, p, not_t * (one - p)), T(options.gamma));
    const Block<T> weight = options.balanced ? fma(t, broadcast(alpha), not_t * broadcast(1 - alpha)) : one;
    loss = fma(weight, f.factor * entropy, loss);
    // 1 - q falls by 2 t - 1 as p rises by 1.
    Block<T> slope = fma(f.factor, entropy_slope, f.slope * (not_t - t) * entropy);
    if (from_logits) slope = slope * (p * (one - p));
    store(a.grads + c * kLanes, share * (weight * slope));
  }
  return loss / outputs;
}

// Sum of alpha (1 - p)^gamma t (-log p), where p are the row's shares of its sum, clipped.
template <class T>
Block<T> categorical_focal_crossentropy(const LossRows<T>& a, T alpha, T gamma, bool from_logits) {
  const Block<T> none = zero<T>(), one = broadcast(T(1)), weight = broadcast(alpha);
  Block<T> largest = none, sum = none;
  if (from_logits) {
    largest = load(a.values);
    for (int c = 1; c < a.classes; c++) largest = maximum(largest, load(a.values + c * kLanes));
  }
  for (int c = 0; c < a.classes; c++) {
    const Block<T> x = load(a.values + c * kLanes), value = from_logits ? exp(x - largest) : x;
    store(a.values + c * kLanes, value);
    sum = sum + value;
  }
  Block<T> loss = none, through = none;  // `through`: what the slopes of all shares do to the sum
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), share = load(a.values + c * kLanes) / sum, p = clip(share);
    const Block<T> entropy = none - t * log(p);
    const Focus<T> f = focus(one - p, gamma);
    loss = fma(weight, f.factor * entropy, loss);
    const Block<T> slope = none - fma(f.slope, entropy, f.factor * (t / p));
    const Block<T> passed = select(unclipped(share), weight * slope, none);
    store(a.grads + c * kLanes, passed);
    through = fma(passed, share, through);
  }
  for (int c = 0; c < a.classes; c++) {
    const Block<T> value = load(a.values + c * kLanes), slope = (load(a.grads + c * kLanes) - through) / sum;
    store(a.grads + c * kLanes, a.scale * (from_logits ? slope * value : slope));
  }
  return loss;
}
