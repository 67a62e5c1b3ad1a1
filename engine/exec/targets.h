// What outputs are compared with: the user's labels, targets and weights, gathered for the rows of a batch.
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/plan.h"

namespace galago {

// The user's targets of one output: labels, or rows of numbers.
struct TargetView {
  const int64_t* labels = nullptr;
  const void* values = nullptr;
  InputType type = InputType::f32;
  int64_t rows = 0, cols = 0;
  const void* weights = nullptr;  // how much each row counts, or each place of a map; null: all the same
  InputType weight_type = InputType::f32;
  int64_t weight_cols = 0;
};

// Throws EngineError where an accuracy does not go with its loss.
inline void check(const LossSpec& loss) {
  const bool sparse = loss.kind == Loss::sparse_categorical_crossentropy;
  const bool signs = loss.kind == Loss::hinge || loss.kind == Loss::squared_hinge;
  if (loss.accuracy != Accuracy::none && signs)
    throw EngineError("a hinge changes its labels, so there is no accuracy beside it.");
  if (loss.accuracy != Accuracy::none && (loss.accuracy == Accuracy::sparse) != sparse)
    throw EngineError("sparse accuracy goes with sparse_categorical_crossentropy, and no other accuracy does.");
}

// Of one output. A row of the loss is an image's outputs, or one place of a map.
template <class T>
class Targets {
 public:
  // Takes these rows of the user's arrays over: they may change while the engine works.
  void take(const TargetView& y, const LossSpec& loss, const Shape& output, std::span<const int64_t> rows) {
    loss_ = loss;
    output_ = output;
    labels_.clear();
    values_.clear();
    weights_.clear();
    if (loss.kind == Loss::sparse_categorical_crossentropy) take_labels(y, rows);
    else if (loss.kind != Loss::activity) take_values(y, rows);
    if (y.weights) take_weights(y, rows);
    divisor_ = divisor(static_cast<int64_t>(rows.size()) * positions());
  }

  // Of a row of the loss and those behind it; null where the loss has none.
  const int64_t* labels(int64_t row) const { return labels_.empty() ? nullptr : labels_.data() + row; }
  const T* values(int64_t row) const { return values_.empty() ? nullptr : values_.data() + row * output_.channels; }
  const T* weights(int64_t row) const { return weights_.empty() ? nullptr : weights_.data() + row; }

  // Of each row's loss in the gradient.
  T scale() const { return divisor_ == 0 ? T(0) : static_cast<T>(loss_.weight) / static_cast<T>(divisor_); }
  // Of the rows' losses, reduced as it was asked for.
  double reduced(const double* losses, int64_t images) const {
    double sum = 0;
    for (int64_t i = 0; i < images * positions(); i++)
      sum += weights_.empty() ? losses[i] : losses[i] * static_cast<double>(weights_[static_cast<size_t>(i)]);
    return divisor_ == 0 ? 0 : sum / divisor_;
  }
  double mean(const double* values, int64_t images) const {
    double sum = 0;
    for (int64_t i = 0; i < images * positions(); i++) sum += values[i];
    return sum / static_cast<double>(images * positions());
  }

 private:
  int64_t positions() const { return output_.size() / output_.channels; }

  void take_labels(const TargetView& y, std::span<const int64_t> rows) {
    if (!y.labels || y.cols != positions())
      throw EngineError(
          "sparse_categorical_crossentropy takes int64 labels of shape (rows,), or of maps (rows, places).");
    for (int64_t row : rows)
      for (int64_t at = row * y.cols; at < (row + 1) * y.cols; at++) {
        const int64_t label = y.labels[at];
        if ((label < 0 || label >= output_.channels) && label != loss_.options.ignored)
          throw EngineError("label " + std::to_string(label) + " of row " + std::to_string(row) + " is outside the " +
                            std::to_string(output_.channels) + " classes.");
        labels_.push_back(label);
      }
  }

  void take_values(const TargetView& y, std::span<const int64_t> rows) {
    const int64_t cols = output_.size();
    if (!y.values || y.cols != cols)
      throw EngineError("this loss takes targets of shape (rows, " + std::to_string(cols) + "). Received: (" +
                        std::to_string(y.rows) + ", " + std::to_string(y.cols) + ").");
    for (int64_t row : rows)
      for (int64_t at = row * cols; at < (row + 1) * cols; at++) values_.push_back(number(y.values, y.type, at));
    if (loss_.kind == Loss::hinge || loss_.kind == Loss::squared_hinge) make_signed();
  }

  // A hinge takes 0 and 1 for -1 and 1, as Keras does.
  void make_signed() {
    if (!std::ranges::all_of(values_, [](T t) { return t == 0 || t == 1; })) return;
    for (T& t : values_) t = 2 * t - 1;
  }

  void take_weights(const TargetView& y, std::span<const int64_t> rows) {
    const int64_t places = positions();
    if (y.weight_cols != 1 && y.weight_cols != places)
      throw EngineError("weights have one value a row, or one for each of its " + std::to_string(places) +
                        " places. Received: " + std::to_string(y.weight_cols) + ".");
    for (int64_t row : rows)
      for (int64_t place = 0; place < places; place++)
        weights_.push_back(number(y.weights, y.weight_type, y.weight_cols == 1 ? row : row * places + place));
  }

  // What the sum of the losses is divided by. A label that is ignored is not of the batch.
  double divisor(int64_t rows) const {
    if (loss_.reduction == Reduction::sum) return 1;
    if (loss_.reduction == Reduction::sum_over_images) return static_cast<double>(rows / positions());
    const bool weighted = loss_.reduction == Reduction::mean_with_sample_weight && !weights_.empty();
    if (!weighted && loss_.options.ignored == LossOptions{}.ignored) return static_cast<double>(rows);
    double sum = 0;
    for (size_t row = 0; row < static_cast<size_t>(rows); row++)
      if (labels_.empty() || labels_[row] != loss_.options.ignored)
        sum += weighted ? static_cast<double>(weights_[row]) : 1;
    return sum;
  }

  static T number(const void* values, InputType type, int64_t at) {
    return type == InputType::f64 ? static_cast<T>(static_cast<const double*>(values)[at])
                                  : static_cast<T>(static_cast<const float*>(values)[at]);
  }

  LossSpec loss_;
  Shape output_;
  std::vector<int64_t> labels_;
  std::vector<T> values_, weights_;
  double divisor_ = 0;
};

}  // namespace galago
