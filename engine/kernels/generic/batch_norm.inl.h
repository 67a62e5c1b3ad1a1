// Batch normalization. Lanes are channels; a channel's sum over an image is one chain a row, the rows' sums added from
// top to bottom; images are added in their order, in double.
#pragma once

// N sums over all positions: `add(row, col, sums)` adds a position to each. Rows side by side cover the latency of the
// additions.
template <class T, int N, class Add>
INLINE void sum_positions(int rows, int cols, Block<T> (&total)[N], const Add& add) {
  constexpr int R = 4;
  EACH (n, N) total[n] = zero<T>();
  int row = 0;
  for (; row + R <= rows; row += R) {
    Block<T> sums[R][N];
    EACH (i, R) {
      EACH (n, N) sums[i][n] = zero<T>();
    }
    for (int col = 0; col < cols; col++) {
      EACH (i, R) add(row + i, col, sums[i]);
    }
    EACH (i, R) {
      EACH (n, N) total[n] = total[n] + sums[i][n];
    }
  }
  for (; row < rows; row++) {
    Block<T> sums[N];
    EACH (n, N) sums[n] = zero<T>();
    for (int col = 0; col < cols; col++) add(row, col, sums);
    EACH (n, N) total[n] = total[n] + sums[n];
  }
}

template <class T>
INLINE Block<T> load_at(const Map<const T>& map, int64_t row, int64_t col, int c) {
  return load(map.data + row * map.row + col * map.col + c);
}

template <class T>
void batch_norm_moments(const MomentsArgs<T>& a) {
  const Block<T> count = broadcast(T(int64_t(a.rows) * a.cols));
  for (int c = 0; c < a.channels; c += kLanes) {
    Block<T> total[1];
    sum_positions<T, 1>(a.rows, a.cols, total,
                        [&](int row, int col, Block<T>(&sum)[1]) { sum[0] = sum[0] + load_at(a.src, row, col, c); });
    const Block<T> mean = total[0] / count;
    sum_positions<T, 1>(a.rows, a.cols, total, [&](int row, int col, Block<T>(&sum)[1]) {
      const Block<T> deviation = load_at(a.src, row, col, c) - mean;
      sum[0] = fma(deviation, deviation, sum[0]);
    });
    store(a.moments + c, mean);
    store(a.moments + padded(a.channels) + c, total[0]);
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
    for (int64_t col = 0; col < a.cols; col++) {
      const T* src = a.src.data + row * a.src.row + col * a.src.col;
      T* dst = a.dst.data + row * a.dst.row + col * a.dst.col;
      for (int c = 0; c < a.channels; c += kLanes) {
        const Block<T> beta = a.beta ? load(a.beta + c) : zero<T>();
        const Block<T> value = fma(load(src + c) - load(a.mean + c), load(a.scale + c), beta);
        store(dst + c, a.relu ? relu(value) : value);
      }
    }
}
