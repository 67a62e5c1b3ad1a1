// What stands around an optimizer's own rule: penalties on weights, clipping, decay, sums for norms, moving averages.
#pragma once

// Chain: fma(2 l2, w, fma(l1, sign(w), g)).
template <class T>
void regularized_gradient(const GradientArgs<T>& a) {
  const Block<T> l1 = broadcast(a.l1), twice_l2 = broadcast(a.twice_l2);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i), w = load(a.weights + i);
    store(a.sum + i, fma(twice_l2, w, fma(l1, sign(w), g)));
  }
}

template <class T>
void clip_and_decay(const ClipArgs<T>& a) {
  const Block<T> scale = broadcast(a.scale), decay = broadcast(-a.decay);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = scale * load(a.grad + i), w = load(a.weights + i);
    store(a.grad + i, at_most(at_least(g, -a.limit), a.limit));
    store(a.weights + i, fma(decay, w, w));
  }
}

// Lanes are columns: element c of a row belongs to sum c % 16, rows one after the other.
template <class T>
void sum_magnitudes(const SumsArgs<T>& a) {
  Block<T> magnitudes = zero<T>(), squares = zero<T>();
  for (int64_t row = 0; row < a.rows; row++) {
    for (int64_t c = 0; c < a.used; c += kLanes) {
      const int64_t left = a.used - c;
      const Block<T> x = load_first(a.values + row * a.row + c, int(left < kLanes ? left : kLanes));
      magnitudes = magnitudes + abs(x);
      squares = fma(x, x, squares);
    }
  }
  store(a.magnitudes, magnitudes);
  store(a.squares, squares);
}

// Chain: fma(momentum, average, (1 - momentum) w).
template <class T>
void average_weights(const AverageArgs<T>& a) {
  const Block<T> momentum = broadcast(a.momentum), rest = broadcast(a.rest);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> average = fma(momentum, load(a.average + i), rest * load(a.weights + i));
    store(a.average + i, average);
    if (a.overwrite) store(a.weights + i, average);
  }
}
