// Losses of 16 rows at once: lanes are rows, so every sum is one chain over the classes. Semantics are Keras 3's.
#pragma once

// 16 rows turned round: class c of all rows at [16 c]. The functions below return the rows' losses, leave gradients of
// scale * loss in `grads` and, where the loss is a cross-entropy of logits, probabilities in `values`.
template <class T>
struct LossRows {
  T* values;
  T* targets;
  T* grads;
  int classes;
  Block<T> scale;
};

// Keras's backend epsilon: probabilities are kept this far from 0 and 1 before a logarithm.
template <class T>
struct Clip {
  static constexpr T low = T(1e-7), high = T(1 - 1e-7);
};
template <class T>
INLINE Block<T> clip(const Block<T>& p) {
  return at_most(at_least(p, Clip<T>::low), Clip<T>::high);
}
// Where the clip leaves p alone and lets its gradient through, the ends included.
template <class T>
INLINE Mask<T> unclipped(const Block<T>& p) {
  return ~(greater(broadcast(Clip<T>::low), p) | greater(p, broadcast(Clip<T>::high)));
}

// -sum of t log softmax(x), by log softmax(x) = x - max - log(sum of exp(x - max)). A class whose target is 0 adds
// nothing, even where its logit is -infinity. Gradient: sum(t) softmax(x) - t.
template <class T>
Block<T> crossentropy_of_logits(const LossRows<T>& a) {
  const Block<T> scale = a.scale, none = zero<T>();
  Block<T> largest = load(a.values);
  for (int c = 1; c < a.classes; c++) largest = maximum(largest, load(a.values + c * kLanes));
  Block<T> sum = none, total = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> e = exp(load(a.values + c * kLanes) - largest);
    store(a.grads + c * kLanes, e);  // kept for the probabilities
    sum = sum + e;
    total = total + load(a.targets + c * kLanes);
  }
  const Block<T> log_sum = log(sum);
  Block<T> loss = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), x = load(a.values + c * kLanes) - largest;
    const Mask<T> counts = greater_or_unordered(t, none) | greater(none, t) | unordered(x, x);
    loss = select(counts, fma(t, log_sum - x, loss), loss);
    const Block<T> p = load(a.grads + c * kLanes) / sum;
    store(a.values + c * kLanes, p);
    store(a.grads + c * kLanes, scale * fma(total, p, none - t));
  }
  return loss;
}

// -sum of t log clip(p) with p = value / sum of the row. Gradient through the clip and the division:
// (sum of the unclipped t - t / p) / sum, without the second term where p is clipped.
template <class T>
Block<T> crossentropy_of_probabilities(const LossRows<T>& a) {
  const Block<T> scale = a.scale, none = zero<T>();
  Block<T> sum = none;
  for (int c = 0; c < a.classes; c++) sum = sum + load(a.values + c * kLanes);
  Block<T> loss = none, total = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), p = load(a.values + c * kLanes) / sum;
    loss = fma(t, none - log(clip(p)), loss);
    total = total + select(unclipped(p), t, none);
  }
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), p = load(a.values + c * kLanes) / sum;
    const Block<T> slope = total - select(unclipped(p), t / p, none);
    store(a.grads + c * kLanes, scale * (slope / sum));
  }
  return loss;
}

// Mean of max(x, 0) - x t + log(1 + exp(-|x|)). Gradient: sigmoid(x) - t.
template <class T>
Block<T> binary_crossentropy_of_logits(const LossRows<T>& a) {
  const Block<T> share = a.scale / broadcast(T(a.classes)), none = zero<T>();
  Block<T> loss = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), x = load(a.values + c * kLanes);
    loss = loss + (fma(none - x, t, relu(x)) + log1p(exp(none - abs(x))));
    const Block<T> p = sigmoid(x);
    store(a.values + c * kLanes, p);
    store(a.grads + c * kLanes, share * (p - t));
  }
  return loss / broadcast(T(a.classes));
}

// Mean of -(t log clip(p) + (1 - t) log(1 - clip(p))).
template <class T>
Block<T> binary_crossentropy_of_probabilities(const LossRows<T>& a) {
  const Block<T> share = a.scale / broadcast(T(a.classes)), none = zero<T>(), one = broadcast(T(1));
  Block<T> loss = none;
  for (int c = 0; c < a.classes; c++) {
    const Block<T> t = load(a.targets + c * kLanes), value = load(a.values + c * kLanes), p = clip(value);
    loss = loss - fma(t, log(p), (one - t) * log(one - p));
    const Block<T> slope = (one - t) / (one - p) - t / p;
    store(a.grads + c * kLanes, select(unclipped(value), share * slope, none));
  }
  return loss / broadcast(T(a.classes));
}

// Mean of (value - t)^2.
template <class T>
Block<T> mean_squared_error(const LossRows<T>& a) {
  const Block<T> share = broadcast(T(2)) * a.scale / broadcast(T(a.classes));
  Block<T> loss = zero<T>();
  for (int c = 0; c < a.classes; c++) {
    const Block<T> d = load(a.values + c * kLanes) - load(a.targets + c * kLanes);
    loss = fma(d, d, loss);
    store(a.grads + c * kLanes, share * d);
  }
  return loss / broadcast(T(a.classes));
}

// l1 |x| + l2 x^2, summed over the outputs.
template <class T>
Block<T> activity_penalty(const LossRows<T>& a, T l1, T l2) {
  const Block<T> straight = broadcast(l1), twice = broadcast(T(2) * l2);
  Block<T> magnitudes = zero<T>(), squares = zero<T>();
  for (int c = 0; c < a.classes; c++) {
    const Block<T> x = load(a.values + c * kLanes);
    magnitudes = magnitudes + abs(x);
    squares = fma(x, x, squares);
    store(a.grads + c * kLanes, a.scale * fma(twice, x, straight * sign(x)));
  }
  return fma(broadcast(l2), squares, straight * magnitudes);
}
