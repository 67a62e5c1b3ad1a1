// Losses that see all outputs of a row together.
#pragma once

// Sum of t log(t / p), both clipped to [1e-7, 1].
template <class T>
Block<T> kl_divergence(const LossRows<T>& a) {
  const Block<T> one = broadcast(T(1)), low = broadcast(Clip<T>::low);
  Block<T> loss = zero<T>();
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = at_most(at_least(load(a.targets + c * kLanes), Clip<T>::low), T(1));
    const Block<T> value = load(a.values + c * kLanes), p = at_most(at_least(value, Clip<T>::low), T(1));
    loss = fma(t, log(t / p), loss);
    const Mask<T> clipped = greater(low, value) | greater(value, one);
    store(a.grads + c * kLanes, select(clipped, zero<T>(), zero<T>() - a.scale * (t / p)));
  }
  return loss;
}

// max(largest of (1 - t) p - sum of t p + 1, 0). The first of equal largest gets the gradient; at the corner nobody.
template <class T>
Block<T> categorical_hinge(const LossRows<T>& a) {
  const Block<T> one = broadcast(T(1)), none = zero<T>();
  const auto against = [&](int c) { return (one - load(a.targets + c * kLanes)) * load(a.values + c * kLanes); };
  Block<T> largest = against(0), right = none;
  for (int c = 0; c < a.classes; c++) {
    largest = maximum(largest, against(c));
    right = fma(load(a.targets + c * kLanes), load(a.values + c * kLanes), right);
  }
  const Block<T> loss = relu(largest - right + one);
  const Mask<T> counts = greater_or_unordered(loss, none);
  Block<T> winner = one;  // 1 until it has been found
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), mine = against(c);
    const Mask<T> other = greater(largest, mine) | greater(mine, largest);
    const Block<T> wins = select(other, none, winner);
    winner = winner - wins;
    store(a.grads + c * kLanes, keep(counts, a.scale * fma(wins, one - t, none - t)));
  }
  return loss;
}

// The length of a row's vector, and 1e-7 at least.
template <class T>
INLINE Block<T> length(const T* values, int count) {
  Block<T> sum = zero<T>();
  for (int c = 0; c < count; c++) sum = fma(load(values + c * kLanes), load(values + c * kLanes), sum);
  return at_least(sqrt(sum), Clip<T>::low);
}

// -cos of the angle between targets and outputs. Gradient: (p / |p| cos - t / |t|) / |p|; a vector that is no longer
// than 1e-7 is divided by that, and its length has no slope.
template <class T>
Block<T> cosine_similarity(const LossRows<T>& a) {
  const Block<T> none = zero<T>();
  const Block<T> length_t = length(a.targets, a.classes), length_p = length(a.values, a.classes);
  Block<T> cosine = none;
  for (int c = 0; c < a.classes; c++)
    cosine = fma(load(a.targets + c * kLanes) / length_t, load(a.values + c * kLanes) / length_p, cosine);
  const Block<T> turns = select(greater(length_p, broadcast(Clip<T>::low)), cosine, none);
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes) / length_t, p = load(a.values + c * kLanes) / length_p;
    store(a.grads + c * kLanes, a.scale * (fma(p, turns, none - t) / length_p));
  }
  return none - cosine;
}
