// What the loss kernel is told.
#pragma once
#include <stdint.h>

namespace galago {

enum class Loss : int32_t {
  none,
  sparse_categorical_crossentropy,
  categorical_crossentropy,
  binary_crossentropy,
  mean_squared_error,
  mean_absolute_error,
  mean_absolute_percentage_error,
  mean_squared_logarithmic_error,
  huber,
  log_cosh,
  poisson,
  hinge,
  squared_hinge,
  binary_focal_crossentropy,
  kl_divergence,
  categorical_hinge,
  cosine_similarity,
  categorical_focal_crossentropy,
  activity  // what a map adds to the loss by itself: there are no labels
};
// What a loss is told besides its kind; each reads what it knows.
struct LossOptions {
  double label_smoothing = 0;  // cross-entropies of targets: how much of each target is spread evenly
  double delta = 1;            // Huber: where the square ends
  double alpha = 0, gamma = 0;
  bool balanced = false;        // binary focal: whether alpha weighs the targets
  double l1 = 0, l2 = 0;        // activity: the factors of |x| and of x * x
  int64_t ignored = INT64_MIN;  // sparse: this label has no loss and no gradient
};
enum class Accuracy : int32_t { none, sparse, categorical, binary };

// Loss, accuracy and gradient of some rows: outputs of the batch, or positions of a map.
template <class T>
struct LossArgs {
  Loss kind;
  LossOptions options;
  bool from_logits;  // src are logits; outputs get softmax or sigmoid of them
  Accuracy accuracy;
  const T* src;
  int64_t src_row;
  T* outputs;  // probabilities where from_logits and null not; else unused
  int64_t outputs_row;
  const int64_t* labels;  // sparse: of these rows
  const T* targets;       // dense: [row][targets_row]
  int64_t targets_row;
  int32_t rows, classes;
  T scale;           // the gradient is of scale * weight * the row's loss
  const T* weights;  // [row]; null: all are 1
  T* grad;           // null: not wanted
  int64_t grad_row;
  double* losses;      // [row], without scale and weight
  double* accuracies;  // [row]
  T* scratch;          // 3 * 16 * classes
};

}  // namespace galago
