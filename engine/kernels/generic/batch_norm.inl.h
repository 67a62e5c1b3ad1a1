// Batch normalization. Lanes are channels; a channel's sum over an image is one chain a row, the rows' sums added from
// top to bottom; images are added in their order, in double.
#pragma once

// Calls Op::run<B>(first channel, arguments ...) for each group of B neighbouring blocks: what belongs to a channel
// stays in registers over all positions, and a group's elements of a position are one stretch of memory.
template <class T, class Op, int MostBlocks, class... Arguments>
INLINE void by_channels(int channels, Arguments... arguments) {
  for (int c = 0; c < channels;) {
    const int blocks = (channels - c) / kLanes;
    if (MostBlocks >= 4 && blocks >= 4) {
      Op::template run<4>(c, arguments...);
      c += 4 * kLanes;
    } else if (MostBlocks >= 2 && blocks >= 2) {
      Op::template run<2>(c, arguments...);
      c += 2 * kLanes;
    } else {
      Op::template run<1>(c, arguments...);
      c += kLanes;
    }
  }
}
// Groups whose sums are held in registers, and others.
template <class T>
constexpr int kSummedBlocks = Tile<T>::wide ? 4 / Tile<T>::registers : 1;
constexpr int kMappedBlocks = 4;

// N sums of B blocks over all positions: `add(row, col, block, sums)` adds a position to those of a block. Blocks, or
// rows side by side, cover the latency of the additions.
template <class T, int B, int N, class Add>
INLINE void sum_positions(int rows, int cols, Block<T> (&total)[B][N], const Add& add) {
  constexpr int R = 4 / B;
  EACH (j, B) {
    EACH (n, N) total[j][n] = zero<T>();
  }
  int row = 0;
  for (; row + R <= rows; row += R) {
    Block<T> sums[R][B][N];
    EACH (i, R) {
      EACH (j, B) {
        EACH (n, N) sums[i][j][n] = zero<T>();
      }
    }
    for (int col = 0; col < cols; col++) {
      EACH (i, R) {
        EACH (j, B) add(row + i, col, j, sums[i][j]);
      }
    }
    EACH (i, R) {
      EACH (j, B) {
        EACH (n, N) total[j][n] = total[j][n] + sums[i][j][n];
      }
    }
  }
  for (; row < rows; row++) {
    Block<T> sums[B][N];
    EACH (j, B) {
      EACH (n, N) sums[j][n] = zero<T>();
    }
    for (int col = 0; col < cols; col++) {
      EACH (j, B) add(row, col, j, sums[j]);
    }
    EACH (j, B) {
      EACH (n, N) total[j][n] = total[j][n] + sums[j][n];
    }
  }
}

template <class T>
INLINE Block<T> load_at(const Map<const T>& map, int64_t row, int64_t col, int c) {
  return load(map.data + row * map.row + col * map.col + c);
}

template <class T>
struct Moments {
  template <int B>
  static INLINE void run(int c, const MomentsArgs<T>* args) {
    const MomentsArgs<T>& a = *args;
    const Block<T> count = broadcast(T(int64_t(a.rows) * a.cols));
    Block<T> total[B][1], mean[B];
    sum_positions<T, B, 1>(a.rows, a.cols, total, [&](int row, int col, int j, Block<T>(&sum)[1]) {
      sum[0] = sum[0] + load_at(a.src, row, col, c + j * kLanes);
    });
    EACH (j, B) mean[j] = total[j][0] / count;
    sum_positions<T, B, 1>(a.rows, a.cols, total, [&](int row, int col, int j, Block<T>(&sum)[1]) {
      const Block<T> deviation = load_at(a.src, row, col, c + j * kLanes) - mean[j];
      sum[0] = fma(deviation, deviation, sum[0]);
    });
    EACH (j, B) {
      store(a.moments + c + j * kLanes, mean[j]);
      store(a.moments + padded(a.channels) + c + j * kLanes, total[j][0]);
    }
  }
};

template <class T>
void batch_norm_moments(const MomentsArgs<T>& a) {
  by_channels<T, Moments<T>, kSummedBlocks<T>>(a.channels, &a);
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

// What normalizes B blocks of channels.
template <class T, int B>
struct Normalization {
  Block<T> mean[B], scale[B], beta[B];
  template <class Args>
  INLINE Normalization(const Args& a, int c) {
    EACH (j, B) {
      mean[j] = load(a.mean + c + j * kLanes);
      scale[j] = load(a.scale + c + j * kLanes);
      beta[j] = a.beta ? load(a.beta + c + j * kLanes) : zero<T>();
    }
  }
};

template <class T>
struct Normalize {
  template <int B>
  static INLINE void run(int c, const NormArgs<T>* args) {
    const NormArgs<T>& a = *args;
    if (a.relu) all<B, true>(a, c);
    else all<B, false>(a, c);
  }
  template <int B, bool with_relu>
  static INLINE void all(const NormArgs<T>& a, int c) {
    const Normalization<T, B> norm(a, c);
    for (int64_t row = 0; row < a.rows; row++) {
      const T* src = a.src.data + row * a.src.row + c;
      T* dst = a.dst.data + row * a.dst.row + c;
      for (int64_t col = 0; col < a.cols; col++, src += a.src.col, dst += a.dst.col) {
        EACH (j, B) {
          const Block<T> value = fma(load(src + j * kLanes) - norm.mean[j], norm.scale[j], norm.beta[j]);
          store(dst + j * kLanes, with_relu ? relu(value) : value);
        }
      }
    }
  }
};

template <class T>
void batch_norm_forward(const NormArgs<T>& a) {
  by_channels<T, Normalize<T>, kMappedBlocks>(a.channels, &a);
}
