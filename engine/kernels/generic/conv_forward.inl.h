// Convolution + bias (+ ReLU): each output is one chain over (tap, channel), then the bias.
#pragma once

// How many positions of an output are done, row by row.
struct Position {
  int64_t done = 0;
  int row = 0, col = 0;
  INLINE void next(int cols) {
    done++;
    if (++col == cols) col = 0, row++;
  }
};

// R positions from `at` on. Past the end the last output is made again, to the same bits.
template <class T, int R, int B>
INLINE void conv_tile(const ConvArgs<T>& a, const Columns<T>& w, Position& at) {
  const int64_t last = (int64_t)a.rows * a.cols - 1;
  const T* src[R];
  T* dst[R];
  EACH (i, R) {
    src[i] = a.src + at.row * a.src_row + at.col * a.src_col;
    dst[i] = a.dst + at.row * a.dst_row + at.col * a.dst_col + w.first;
    if (at.done < last) at.next(a.cols);
  }
  Block<T> acc[R][B];
  clear<T, R, B>(acc);
  multiply_add_taps<T, R, B>(acc, src, a, w.weights, w.width);
  EACH (j, B) {
    const int64_t o = w.first + j * kLanes, left = a.outputs - o;
    const ScaleAndShift<T> finish(a.scale ? a.scale + o : nullptr, a.bias ? a.bias + o : nullptr, a.relu);
    const int lanes = a.exact_lanes && left < kLanes ? (int)left : kLanes;
    EACH (i, R) store_first(dst[i] + j * kLanes, finish(acc[i][j]), lanes);
  }
}

// Tiles of six positions, the last one or two of four where fewer outputs are then made twice.
template <class T>
struct ConvColumns {
  static constexpr int tall = Tile<T>::rows, low = tall > 4 ? 4 : tall;
  static INLINE int64_t tall_tiles(int64_t positions, int low_tiles) {
    const int64_t left = positions - low_tiles * low;
    return left > 0 ? (left + tall - 1) / tall : 0;
  }
  static INLINE int low_tiles(int64_t positions) {
    int best = 0;
    EACH (n, 3)
      if (tall_tiles(positions, n) * tall + n * low < tall_tiles(positions, best) * tall + best * low) best = n;
    return best;
  }

  template <int B>
  static void run(const Columns<T>& w, const ConvArgs<T>* args) {
    const ConvArgs<T> a = *args;  // its own, or the compiler would read it again after every store
    const int64_t count = (int64_t)a.rows * a.cols;
    const int low_ones = low_tiles(count);
    Position at;
    for (int64_t n = tall_tiles(count, low_ones); n > 0; n--) conv_tile<T, tall, B>(a, w, at);
    for (int n = low_ones; n > 0; n--) conv_tile<T, low, B>(a, w, at);
  }
};

template <class T>
void conv_forward(const ConvArgs<T>& a) {
  if (a.scratch) return conv_thin(a);
  by_panels<T, ConvColumns<T>>(a.weights, (int64_t)a.tap_count * a.channels, padded(a.outputs), &a);
}

// The gradient of a convolution's input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_backward_input(const ConvArgs<T>& a) {
  conv_forward(a);
}
