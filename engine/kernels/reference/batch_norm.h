// Batch normalization (Ioffe and Szegedy, 2015): per image, then over the batch, then per image again.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"
#include "kernels/reference/maxpool_epilogue.h"

namespace galago::reference {

// The sum over all positions: each row is a chain that `term` goes on with, and rows are added from top to bottom.
template <class T, class Term>
T sum_positions(int64_t rows, int64_t cols, const Term& term) {
  T total = 0;
  for (int64_t row = 0; row < rows; row++) {
    T sum = 0;
    for (int64_t col = 0; col < cols; col++) sum = term(row, col, sum);
    total += sum;
  }
  return total;
}

template <class T>
T value_at(const Map<T>& map, int64_t row, int64_t col, int64_t c) {
  return map.data[row * map.row + col * map.col + c];
}

template <class T>
void batch_norm_moments(const MomentsArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    const T sum = sum_positions<T>(
        a.rows, a.cols, [&](int64_t row, int64_t col, T so_far) { return so_far + value_at(a.src, row, col, c); });
    const T mean = sum / static_cast<T>(int64_t{a.rows} * a.cols);
    a.moments[c] = mean;
    a.moments[padded(a.channels) + c] = sum_positions<T>(a.rows, a.cols, [&](int64_t row, int64_t col, T so_far) {
      const T deviation = value_at(a.src, row, col, c) - mean;
      return std::fma(deviation, deviation, so_far);
    });
  }
}

// All images have equally many positions: the mean is the mean of their means, and the squared deviations are those
// inside the images and those of their means.
template <class T>
void batch_norm_statistics(const StatisticsArgs<T>& a) {
  const double images = static_cast<double>(a.images), positions = static_cast<double>(a.positions);
  for (int64_t c = 0; c < kBlock; c++) {
    double mean = 0, inside = 0, between = 0;
    for (int64_t i = 0; i < a.images; i++) mean += static_cast<double>(a.moments[i * a.moments_row + c]);
    mean /= images;
    for (int64_t i = 0; i < a.images; i++) {
      const double deviation = static_cast<double>(a.moments[i * a.moments_row + c]) - mean;
      inside += static_cast<double>(a.moments[i * a.moments_row + a.moments_half + c]);
      between += deviation * deviation;
    }
    const double variance = (inside + positions * between) / (images * positions);
    const double inverse = 1 / std::sqrt(variance + a.epsilon);
    const double scale = a.gamma ? static_cast<double>(a.gamma[c]) * inverse : inverse;
    a.state[NormState::mean * a.state_row + c] = static_cast<T>(mean);
    a.state[NormState::inverse * a.state_row + c] = static_cast<T>(inverse);
    a.state[NormState::scale * a.state_row + c] = static_cast<T>(scale);
    a.new_mean[c] = static_cast<T>(static_cast<double>(a.moving_mean[c]) * a.momentum + mean * (1 - a.momentum));
    a.new_variance[c] =
        static_cast<T>(static_cast<double>(a.moving_variance[c]) * a.momentum + variance * (1 - a.momentum));
  }
}

template <class T, class Args>
T normalized_at(const Args& a, int64_t row, int64_t col, int64_t c) {
  return std::fma(value_at(a.src, row, col, c) - a.mean[c], a.scale[c], a.beta ? a.beta[c] : T(0));
}

template <class T>
void batch_norm_forward(const NormArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T value = normalized_at<T>(a, row, col, c);
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = a.relu ? relu(value) : value;
      }
}

}  // namespace galago::reference
