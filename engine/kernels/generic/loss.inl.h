// Loss, accuracy and gradient of some rows of the batch, 16 rows at a time.
#pragma once

template <class T>
INLINE Block<T> losses_of(const LossArgs<T>& a, const LossRows<T>& rows) {
  const LossOptions& o = a.options;
  switch (a.kind) {
    case Loss::sparse_categorical_crossentropy:  // its targets are 1 at the label, 0 elsewhere
    case Loss::categorical_crossentropy:
      return a.from_logits ? crossentropy_of_logits(rows) : crossentropy_of_probabilities(rows);
    case Loss::binary_crossentropy:
      return a.from_logits ? binary_crossentropy_of_logits(rows) : binary_crossentropy_of_probabilities(rows);
    case Loss::mean_squared_error: return mean_squared_error(rows);
    case Loss::kl_divergence: return kl_divergence(rows);
    case Loss::categorical_hinge: return categorical_hinge(rows);
    case Loss::cosine_similarity: return cosine_similarity(rows);
    case Loss::categorical_focal_crossentropy:
      return categorical_focal_crossentropy(rows, T(o.alpha), T(o.gamma), a.from_logits);
    case Loss::binary_focal_crossentropy: return binary_focal_crossentropy(rows, o, a.from_logits);
    case Loss::mean_absolute_error:
    case Loss::mean_absolute_percentage_error:
    case Loss::mean_squared_logarithmic_error:
    case Loss::huber:
    case Loss::log_cosh:
    case Loss::poisson:
    case Loss::hinge:
    case Loss::squared_hinge: return elementwise_loss(rows, a.kind, T(o.delta));
    case Loss::activity: return activity_penalty(rows, T(o.l1), T(o.l2));
    case Loss::none: break;  // the planner calls no loss kernel without a loss
  }
  return zero<T>();
}

// The first of the largest values, or -1 if one is NaN.
template <class T>
INLINE int64_t first_largest(const T* values, int count) {
  int64_t best = 0;
  for (int i = 0; i < count; i++) {
    if (values[i] != values[i]) return -1;
    if (values[i] > values[best]) best = i;
  }
  return best;
}

template <class T>
INLINE double binary_accuracy(const T* values, const T* targets, int count) {
  int right = 0;
  for (int i = 0; i < count; i++) {
    if (values[i] != values[i]) return 0;
    right += T(values[i] > T(0.5)) == targets[i];
  }
  return double(right) / count;
}

// Judged on what the model gives: the probabilities where they were made here. A row with NaN is wrong.
template <class T>
INLINE double accuracy_of(const LossArgs<T>& a, int64_t row) {
  const T* values = a.from_logits && a.outputs ? a.outputs + row * a.outputs_row : a.src + row * a.src_row;
  switch (a.accuracy) {
    case Accuracy::none: break;
    case Accuracy::sparse: return first_largest(values, a.classes) == a.labels[row];
    case Accuracy::categorical: {
      const int64_t guess = first_largest(values, a.classes);
      return guess >= 0 && guess == first_largest(a.targets + row * a.targets_row, a.classes);
    }
    case Accuracy::binary: return binary_accuracy(values, a.targets + row * a.targets_row, a.classes);
  }
  return 0;
}

template <class T>
INLINE void gather_rows(const LossArgs<T>& a, const LossRows<T>& rows, int64_t first, int n) {
  const bool sparse = a.kind == Loss::sparse_categorical_crossentropy, given = !sparse && a.kind != Loss::activity;
  for (int c = 0; c < a.classes; c++) {
    store(rows.values + c * kLanes, load_strided(a.src + first * a.src_row + c, a.src_row, n));
    if (!given) store(rows.targets + c * kLanes, zero<T>());
    else store(rows.targets + c * kLanes, load_strided(a.targets + first * a.targets_row + c, a.targets_row, n));
  }
  if (sparse)
    for (int i = 0; i < n; i++)
      if (a.labels[first + i] != a.options.ignored) rows.targets[a.labels[first + i] * kLanes + i] = 1;
}

// Takes a part of every target away and spreads it over the classes, or over yes and no.
template <class T>
INLINE void smooth_targets(const LossArgs<T>& a, const LossRows<T>& rows) {
  const double part = a.options.label_smoothing;
  const bool binary = a.kind == Loss::binary_crossentropy || a.kind == Loss::binary_focal_crossentropy;
  const Block<T> kept = broadcast(T(1 - part)), spread = broadcast(T(part / (binary ? 2 : a.classes)));
  for (int c = 0; c < a.classes; c++)
    store(rows.targets + c * kLanes, fma(load(rows.targets + c * kLanes), kept, spread));
}

template <class T>
INLINE void scatter_rows(T* dst, int64_t dst_row, const T* rows, int classes, int n) {
  for (int c = 0; c < classes; c++) store_strided(dst + c, dst_row, load(rows + c * kLanes), n);
}

// grad may be src.
template <class T>
void loss(const LossArgs<T>& a) {
  const int64_t part = int64_t(a.classes) * kLanes;
  LossRows<T> rows = {a.scratch, a.scratch + part, a.scratch + 2 * part, a.classes, broadcast(a.scale)};
  for (int64_t first = 0; first < a.rows; first += kLanes) {
    const int n = a.rows - first < kLanes ? int(a.rows - first) : kLanes;
    gather_rows(a, rows, first, n);
    if (a.options.label_smoothing > 0) smooth_targets(a, rows);
    if (a.weights) rows.scale = broadcast(a.scale) * load_first(a.weights + first, n);
    T losses[kLanes];
    store(losses, losses_of(a, rows));
    for (int i = 0; i < n; i++) a.losses[first + i] = losses[i];
    if (a.from_logits && a.outputs)
      scatter_rows(a.outputs + first * a.outputs_row, a.outputs_row, rows.values, a.classes, n);
    for (int i = 0; i < n; i++) a.accuracies[first + i] = accuracy_of(a, first + i);
    if (a.grad) scatter_rows(a.grad + first * a.grad_row, a.grad_row, rows.grads, a.classes, n);
  }
}
