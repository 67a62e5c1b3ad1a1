// Losses of rows with their gradients and accuracies, as Keras 3 defines them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/reference/activation.h"
#include "kernels/reference/loss_rows.h"
#include "kernels/reference/softmax.h"

namespace galago::reference {

// -sum of t log softmax(values); gradient sum(t) softmax(values) - t. A target of 0 adds nothing.
template <class T>
T crossentropy_of_logits(LossRow<T>& row) {
  const size_t classes = row.values.size();
  const T top = largest(row.values.data(), int64_t(classes));
  T sum = 0, total = 0, loss = 0;
  for (T x : row.values) sum += std::exp(x - top);
  for (T t : row.targets) total += t;
  for (size_t c = 0; c < classes; c++) {
    const T t = row.targets[c], x = row.values[c] - top;
    if (t != 0 || std::isnan(x)) loss += t * (std::log(sum) - x);
    row.values[c] = std::exp(x) / sum;
    row.grad[c] = row.scale * (total * row.values[c] - t);
  }
  return loss;
}

// -sum of t log clip(p) with p = value / sum of values. The clip passes gradients of what it does not change.
template <class T>
T crossentropy_of_probabilities(LossRow<T>& row) {
  const size_t classes = row.values.size();
  T sum = 0, loss = 0, total = 0;
  for (T value : row.values) sum += value;
  for (size_t c = 0; c < classes; c++) {
    const T p = row.values[c] / sum;
    loss -= row.targets[c] * std::log(clip(p));
    if (clip(p) == p || std::isnan(p)) total += row.targets[c];
  }
  for (size_t c = 0; c < classes; c++) {
    const T p = row.values[c] / sum;
    const bool passes = clip(p) == p || std::isnan(p);
    row.grad[c] = row.scale * ((total - (passes ? row.targets[c] / p : 0)) / sum);
  }
  return loss;
}

// Mean of -(t log sigmoid(x) + (1 - t) log(1 - sigmoid(x))); gradient sigmoid(x) - t.
template <class T>
T binary_crossentropy_of_logits(LossRow<T>& row) {
  const size_t classes = row.values.size();
  T loss = 0;
  for (size_t c = 0; c < classes; c++) {
    const T x = row.values[c], t = row.targets[c];
    loss += (x <= 0 ? 0 : x) - x * t + std::log1p(std::exp(-std::abs(x)));
    row.values[c] = sigmoid(x);
    row.grad[c] = row.scale / T(classes) * (row.values[c] - t);
  }
  return loss / T(classes);
}

// Mean of -(t log clip(p) + (1 - t) log(1 - clip(p))).
template <class T>
T binary_crossentropy_of_probabilities(LossRow<T>& row) {
  const size_t classes = row.values.size();
  T loss = 0;
  for (size_t c = 0; c < classes; c++) {
    const T value = row.values[c], t = row.targets[c], p = clip(value);
    loss -= t * std::log(p) + (1 - t) * std::log(1 - p);
    const bool passes = p == value || std::isnan(value);
    row.grad[c] = passes ? row.scale / T(classes) * ((1 - t) / (1 - p) - t / p) : 0;
  }
  return loss / T(classes);
}

template <class T>
T mean_squared_error(LossRow<T>& row) {
  const size_t classes = row.values.size();
  T loss = 0;
  for (size_t c = 0; c < classes; c++) {
    const T d = row.values[c] - row.targets[c];
    loss += d * d;
    row.grad[c] = 2 * row.scale / T(classes) * d;
  }
  return loss / T(classes);
}

template <class T>
T row_loss(const LossArgs<T>& a, LossRow<T>& row) {
  const LossOptions& o = a.options;
  switch (a.kind) {
    case Loss::none: break;
    case Loss::sparse_categorical_crossentropy:
    case Loss::categorical_crossentropy:
      return a.from_logits ? crossentropy_of_logits(row) : crossentropy_of_probabilities(row);
    case Loss::binary_crossentropy:
      return a.from_logits ? binary_crossentropy_of_logits(row) : binary_crossentropy_of_probabilities(row);
    case Loss::mean_squared_error: return mean_squared_error(row);
    case Loss::kl_divergence: return kl_divergence(row);
    case Loss::categorical_hinge: return categorical_hinge(row);
    case Loss::cosine_similarity: return cosine_similarity(row);
    case Loss::categorical_focal_crossentropy: return categorical_focal_crossentropy(row, o, a.from_logits);
    case Loss::binary_focal_crossentropy: return binary_focal_crossentropy(row, o, a.from_logits);
    case Loss::activity: return activity_penalty(row, T(o.l1), T(o.l2));
    default: return elementwise_loss(row, a.kind, T(o.delta));
  }
  return 0;
}

// Of what the model gives; a row with NaN is never right.
template <class T>
double row_accuracy(const LossArgs<T>& a, int64_t r, const std::vector<T>& values, const std::vector<T>& targets) {
  const auto is_nan = [](T x) { return std::isnan(x); };
  if (std::any_of(values.begin(), values.end(), is_nan)) return 0;
  const auto first_largest = [](const std::vector<T>& v) { return std::max_element(v.begin(), v.end()) - v.begin(); };
  switch (a.accuracy) {
    case Accuracy::sparse: return first_largest(values) == a.labels[r];
    case Accuracy::categorical:
      if (std::any_of(targets.begin(), targets.end(), is_nan)) return 0;
      return first_largest(values) == first_largest(targets);
    case Accuracy::binary: {
      double right = 0;
      for (size_t c = 0; c < values.size(); c++) right += T(values[c] > T(0.5)) == targets[c];
      return right / double(values.size());
    }
    case Accuracy::none: break;
  }
  return 0;
}

// Takes a part of every target away and spreads it over the classes, or over yes and no.
template <class T>
void smooth(const LossArgs<T>& a, std::vector<T>& targets) {
  const double part = a.options.label_smoothing;
  const bool binary = a.kind == Loss::binary_crossentropy || a.kind == Loss::binary_focal_crossentropy;
  if (part > 0)
    for (T& t : targets) t = t * T(1 - part) + T(part / (binary ? 2.0 : double(targets.size())));
}

template <class T>
void loss(const LossArgs<T>& a) {
  for (int64_t r = 0; r < a.rows; r++) {
    const T* src = a.src + r * a.src_row;
    const std::vector<T> values(src, src + a.classes), zeros(values.size());
    LossRow<T> row{values, zeros, zeros, a.weights ? a.scale * a.weights[r] : a.scale};
    const bool sparse = a.kind == Loss::sparse_categorical_crossentropy;
    if (sparse && a.labels[r] != a.options.ignored) row.targets[size_t(a.labels[r])] = 1;
    if (!sparse && a.kind != Loss::activity)
      row.targets.assign(a.targets + r * a.targets_row, a.targets + r * a.targets_row + a.classes);
    const std::vector<T> targets = row.targets;
    smooth(a, row.targets);
    a.losses[r] = row_loss(a, row);
    const bool fused = a.from_logits && a.outputs;  // the model's last activation was left to this kernel
    if (fused) std::copy(row.values.begin(), row.values.end(), a.outputs + r * a.outputs_row);
    a.accuracies[r] = row_accuracy(a, r, fused ? row.values : values, targets);
    if (a.grad) std::copy(row.grad.begin(), row.grad.end(), a.grad + r * a.grad_row);
  }
}

}  // namespace galago::reference
