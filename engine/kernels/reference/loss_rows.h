// The losses beside the cross-entropies and the squared error, as Keras 3 defines them.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/args.h"
#include "kernels/reference/activation.h"
#include "kernels/reference/sign.h"
#include "kernels/reference/softmax.h"

namespace galago::reference {

// Keras's backend epsilon.
constexpr double kEpsilon = 1e-7;

// One row of the batch. The functions below return its loss, fill grad with the gradient of scale * loss and turn
// logits into probabilities.
template <class T>
struct LossRow {
  std::vector<T> values, targets, grad;
  T scale;
};

template <class T>
T clip(T p) {
  return p < T(kEpsilon) ? T(kEpsilon) : p > T(1 - kEpsilon) ? T(1 - kEpsilon) : p;
}

// What one output adds to its row's loss, and its derivative.
template <class T>
struct LossTerm {
  T loss, slope;
};

template <class T>
LossTerm<T> loss_term(Loss kind, T t, T p, T delta) {
  const T d = p - t, low = T(kEpsilon);
  switch (kind) {
    case Loss::mean_absolute_error: return {std::abs(d), sign(d)};
    case Loss::mean_absolute_percentage_error: {
      const T size = std::max(std::abs(t), low);
      return {100 * std::abs(d) / size, 100 * sign(d) / size};
    }
    case Loss::mean_squared_logarithmic_error: {
      const T above = p < low ? low : p;
      const T error = std::log(above + 1) - std::log(std::max(t, low) + 1);
      return {error * error, p < low ? 0 : 2 * error / (p + 1)};
    }
    case Loss::huber:
      if (std::abs(d) > delta) return {delta * (std::abs(d) - delta / 2), delta * sign(d)};
      return {d * d / 2, d};
    case Loss::log_cosh:
      return {std::abs(d) + std::log1p(std::exp(-2 * std::abs(d))) - T(0.693147180559945309417232), std::tanh(d)};
    case Loss::poisson: return {p - t * std::log(p + low), 1 - t / (p + low)};
    default: {
      const T missing = 1 - t * p <= 0 ? 0 : 1 - t * p, slope = missing == 0 ? 0 : -t;
      if (kind == Loss::squared_hinge) return {missing * missing, 2 * missing * slope};
      return {missing, slope};
    }
  }
}

template <class T>
T elementwise_loss(LossRow<T>& row, Loss kind, T delta) {
  const T outputs = T(row.values.size());
  T loss = 0;
  for (size_t c = 0; c < row.values.size(); c++) {
    const LossTerm<T> term = loss_term(kind, row.targets[c], row.values[c], delta);
    loss += term.loss;
    row.grad[c] = row.scale / outputs * term.slope;
  }
  return loss / outputs;
}

// l1 |x| + l2 x^2, summed over the outputs.
template <class T>
T activity_penalty(LossRow<T>& row, T l1, T l2) {
  T magnitudes = 0, squares = 0;
  for (size_t c = 0; c < row.values.size(); c++) {
    const T x = row.values[c];
    magnitudes += std::abs(x);
    squares += x * x;
    row.grad[c] = row.scale * (2 * l2 * x + l1 * sign(x));
  }
  return l2 * squares + l1 * magnitudes;
}

template <class T>
T kl_divergence(LossRow<T>& row) {
  T loss = 0;
  const T low = T(kEpsilon);
  const auto clipped = [low](T x) { return x < low ? low : x > 1 ? T(1) : x; };
  for (size_t c = 0; c < row.values.size(); c++) {
    const T t = clipped(row.targets[c]), value = row.values[c], p = clipped(value);
    loss += t * std::log(t / p);
    row.grad[c] = value < low || value > 1 ? 0 : -row.scale * t / p;
  }
  return loss;
}

template <class T>
T categorical_hinge(LossRow<T>& row) {
  const size_t classes = row.values.size();
  std::vector<T> against(classes);
  T right = 0;
  for (size_t c = 0; c < classes; c++) {
    against[c] = (1 - row.targets[c]) * row.values[c];
    right += row.targets[c] * row.values[c];
  }
  const T top = largest(against.data(), int64_t(classes)), margin = top - right + 1, loss = margin <= 0 ? 0 : margin;
  bool found = false;
  for (size_t c = 0; c < classes; c++) {
    const bool wins = !found && !(against[c] < top) && !(against[c] > top);
    found = found || wins;
    row.grad[c] = loss == 0 ? 0 : row.scale * ((wins ? 1 - row.targets[c] : 0) - row.targets[c]);
  }
  return loss;
}

template <class T>
T length(const std::vector<T>& values) {
  T sum = 0;
  for (T x : values) sum += x * x;
  return std::sqrt(sum) < T(kEpsilon) ? T(kEpsilon) : std::sqrt(sum);
}

template <class T>
T cosine_similarity(LossRow<T>& row) {
  const T length_t = length(row.targets), length_p = length(row.values);
  T cosine = 0;
  for (size_t c = 0; c < row.values.size(); c++) cosine += row.targets[c] / length_t * (row.values[c] / length_p);
  const T turns = length_p <= T(kEpsilon) ? 0 : cosine;
  for (size_t c = 0; c < row.values.size(); c++)
    row.grad[c] = row.scale * ((row.values[c] / length_p * turns - row.targets[c] / length_t) / length_p);
  return -cosine;
}

// x^gamma and its derivative.
template <class T>
LossTerm<T> focus(T x, T gamma) {
  return {std::pow(x, gamma), gamma == 0 ? 0 : gamma * std::pow(x, gamma - 1)};
}

template <class T>
T binary_focal_crossentropy(LossRow<T>& row, const LossOptions& o, bool from_logits) {
  const T outputs = T(row.values.size()), alpha = T(o.alpha);
  T loss = 0;
  for (size_t c = 0; c < row.values.size(); c++) {
    const T t = row.targets[c], p = from_logits ? sigmoid(row.values[c]) : row.values[c], safe = clip(p);
    const bool passes = p == safe || std::isnan(p);
    const LossTerm<T> entropy = {-(t * std::log(safe) + (1 - t) * std::log(1 - safe)),
                                 passes ? (1 - t) / (1 - safe) - t / safe : 0};
    const LossTerm<T> f = focus(1 - (t * p + (1 - t) * (1 - p)), T(o.gamma));
    const T weight = o.balanced ? t * alpha + (1 - t) * (1 - alpha) : 1;
    loss += weight * f.loss * entropy.loss;
    T slope = f.loss * entropy.slope + f.slope * (1 - 2 * t) * entropy.loss;
    if (from_logits) slope *= p * (1 - p);
    row.grad[c] = row.scale / outputs * weight * slope;
  }
  return loss / outputs;
}

template <class T>
T categorical_focal_crossentropy(LossRow<T>& row, const LossOptions& o, bool from_logits) {
  const size_t classes = row.values.size();
  std::vector<T> values = row.values;
  const T top = largest(values.data(), int64_t(classes));
  T sum = 0, loss = 0, through = 0;
  for (T& x : values) {
    if (from_logits) x = std::exp(x - top);
    sum += x;
  }
  for (size_t c = 0; c < classes; c++) {
    const T t = row.targets[c], share = values[c] / sum, p = clip(share), entropy = -t * std::log(p);
    const LossTerm<T> f = focus(1 - p, T(o.gamma));
    loss += T(o.alpha) * f.loss * entropy;
    const bool passes = p == share || std::isnan(share);
    row.grad[c] = passes ? T(o.alpha) * -(f.slope * entropy + f.loss * (t / p)) : 0;
    through += row.grad[c] * share;
  }
  for (size_t c = 0; c < classes; c++)
    row.grad[c] = row.scale * (row.grad[c] - through) / sum * (from_logits ? values[c] : 1);
  return loss;
}

}  // namespace galago::reference
