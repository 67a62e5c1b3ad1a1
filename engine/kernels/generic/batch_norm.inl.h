// Batch normalization. Lanes are channels; a channel's sum over an image is one chain a row, the rows' sums added from
// top to bottom; images are added in their order, in double.
#pragma once

// Calls `term(row, col, sum so far)` for every position: rows side by side cover the latency of the additions.
template <class T, class Term>
INLINE Block<T> sum_positions(int rows, int cols, const Term& term) {
  constexpr int R = 4;
  Block<T> total = zero<T>();
  int row = 0;
  for (; row + R <= rows; row += R) {
    Block<T> sum[R];
    EACH (i, R) sum[i] = zero<T>();
    for (int col = 0; col < cols; col++)
      EACH (i, R) sum[i] = term(row + i, col, sum[i]);
    EACH (i, R) total = total + sum[i];
  }
  for (; row < rows; row++) {
    Block<T> sum = zero<T>();
    for (int col = 0; col < cols; col++) sum = term(row, col, sum);
    total = total + sum;
  }
  return total;
}

template <class T>
INLINE Block<T> load_at(const Map<const T>& map, int64_t row, int64_t col, int c) {
  return load(map.data + row * map.row + col * map.col + c);
}

template <class T>
void batch_norm_moments(const MomentsArgs<T>& a) {
  const Block<T> count = broadcast(T(int64_t(a.rows) * a.cols));
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> mean =
        sum_positions<T>(a.rows, a.cols,
                         [&](int row, int col, const Block<T>& sum) { return sum + load_at(a.src, row, col, c); }) /
        count;
    const Block<T> squares = sum_positions<T>(a.rows, a.cols, [&](int row, int col, const Block<T>& sum) {
      const Block<T> deviation = load_at(a.src, row, col, c) - mean;
      return fma(deviation, deviation, sum);
    });
    store(a.moments + c, mean);
    store(a.moments + padded(a.channels) + c, squares);
  }
}

// Images have equally many positions, so the mean is the mean of their means, and the squared deviations are those
// inside the images and those of their means.
template <class T>
void batch_norm_statistics(const StatisticsArgs<T>& a) {
  const double images = double(a.images), positions = double(a.positions);
  for (int l = 0; l < kLanes; l++) {
    double mean = 0, inside = 0, between = 0;
    for (int64_t i = 0; i < a.images; i++) mean += double(a.moments[i * a.moments_row + l]);
    mean /= images;
    for (int64_t i = 0; i < a.images; i++) {
      const double deviation = double(a.moments[i * a.moments_row + l]) - mean;
      inside += double(a.moments[i * a.moments_row + a.moments_half + l]);
      between += deviation * deviation;
    }
    const double variance = (inside + positions * between) / (images * positions);
    const double inverse = 1 / __builtin_sqrt(variance + a.epsilon);
    a.state[NormState::mean * a.state_row + l] = T(mean);
    a.state[NormState::inverse * a.state_row + l] = T(inverse);
    a.state[NormState::scale * a.state_row + l] = T(a.gamma ? double(a.gamma[l]) * inverse : inverse);
    a.new_mean[l] = T(double(a.moving_mean[l]) * a.momentum + mean * (1 - a.momentum));
    a.new_variance[l] = T(double(a.moving_variance[l]) * a.momentum + variance * (1 - a.momentum));
  }
}

template <class T>
void batch_norm_forward(const NormArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int c = 0; c < a.channels; c += kLanes) {
      const Block<T> mean = load(a.mean + c), scale = load(a.scale + c);
      const Block<T> beta = a.beta ? load(a.beta + c) : zero<T>();
      T* dst = a.dst.data + row * a.dst.row + c;
      for (int64_t col = 0; col < a.cols; col++, dst += a.dst.col) {
        const Block<T> value = fma(load_at(a.src, row, col, c) - mean, scale, beta);
        store(dst, a.relu ? relu(value) : value);
      }
    }
}
