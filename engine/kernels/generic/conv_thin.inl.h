// Convolutions of few outputs: lanes are 16 neighbouring positions of a row instead of outputs, most of which would be
// empty. An output's chain is the same as ever, so its bits are too.
#pragma once

// The rows that all positions read, each channel by itself.
template <class T>
struct Planes {
  const T* data;
  int64_t channel, row;  // from one channel, one row, to the next
  int32_t taps[kMostThinTaps];
};

// Reads 16 positions at a time and turns them into rows of 16 channels; the last position again to the end.
template <class T>
INLINE void fill_planes(const ConvArgs<T>& a, const T* corner, int rows, int cols, const Planes<T>& planes) {
  for (int64_t y = 0; y < rows; y++)
    for (int64_t x = 0; x < planes.row; x += kLanes)
      for (int64_t c = 0; c < a.channels; c += kLanes) {
        Block<T> lines[kLanes];
        EACH (i, kLanes) {
          const int64_t col = x + i < cols ? x + i : cols - 1;
          lines[i] = load(corner + y * a.src_row + col * a.src_col + c);
        }
        transpose(lines);
        const int64_t left = a.channels - c;
        T* dst = a.scratch + c * planes.channel + y * planes.row + x;
        EACH (i, kLanes)
          if (i < left) store(dst + i * planes.channel, lines[i]);
      }
}

// Taps are a grid whose first corner is the one with the least offset.
template <class T>
INLINE Planes<T> planes_of(const ConvArgs<T>& a) {
  int32_t first = a.taps[0];
  for (int t = 1; t < a.tap_count; t++) first = a.taps[t] < first ? a.taps[t] : first;
  Planes<T> planes;
  int rows = 0, cols = 0;
  for (int t = 0; t < a.tap_count; t++) {
    const int row = (int)((a.taps[t] - first) / a.src_row), col = (int)((a.taps[t] - first) % a.src_row / a.src_col);
    rows = row > rows ? row : rows;
    cols = col > cols ? col : cols;
  }
  const T* corner = a.src + first;
  const bool plain = a.channels == 1 && a.src_col == 1;
  planes.data = plain ? corner : a.scratch;
  planes.row = plain ? a.src_row : padded((a.cols > kLanes ? a.cols : kLanes) + cols);
  planes.channel = (a.rows + rows) * planes.row;
  for (int t = 0; t < a.tap_count; t++) {
    const int64_t offset = a.taps[t] - first;
    planes.taps[t] = (int32_t)(offset / a.src_row * planes.row + offset % a.src_row / a.src_col);
  }
  if (!plain) fill_planes(a, corner, a.rows + rows, a.cols + cols, planes);
  return planes;
}

// Turns [output][position] round and stores the first `count` positions; outputs from the given number on are zero.
template <int outputs, class T>
INLINE void store_positions(const T (&values)[kLanes][kLanes], T* dst, int64_t col, int count) {
  Block<T> lines[kLanes];
  EACH (j, outputs) lines[j] = load(values[j]);
  transpose<outputs>(lines);
  EACH (j, kLanes)
    if (j < count) store(dst + j * col, lines[j]);
}

template <class T>
void conv_thin(const ConvArgs<T>& a) {
  using V = Native<T>;
  constexpr int O = kThinOutputs, R = at_least_at_most(1, 4, Tile<T>::held / O);  // outputs, rows
  const Planes<T> planes = planes_of(a);
  T values[R][kLanes][kLanes] = {};  // of a tile: [row][output][position]; what lies behind the outputs stays zero
  for (int first_row = 0; first_row < a.rows; first_row += R)
    for (int first_col = 0; first_col < a.cols; first_col += kLanes) {
      // The last tile reaches back, or repeats the last row, to be full: the same bits again.
      const int col = first_col + kLanes <= a.cols ? first_col : a.cols > kLanes ? a.cols - kLanes : 0;
      const int count = a.cols < kLanes ? a.cols : kLanes;
      const T* src[R];
      EACH (i, R) {
        const int row = first_row + i < a.rows ? first_row + i : a.rows - 1;
        src[i] = planes.data + row * planes.row + col;
      }
      for (int o = 0; o < a.outputs; o += O) {
        Block<T> acc[R][O];
        clear<T, R, O>(acc);
        const T* weights = a.weights + o;
        for (int t = 0; t < a.tap_count; t++) {
          int64_t at = planes.taps[t];
          for (int c = 0; c < a.channels; c++, at += planes.channel, weights += kLanes) {
            typename V::Reg w[O];
            EACH (j, O) w[j] = V::broadcast(weights[j]);
            EACH (i, R)
              EACH (part, Block<T>::count) {
                const auto x = once(V::load(src[i] + at + part * V::lanes));
                EACH (j, O) acc[i][j].r[part] = V::fma(x, w[j], acc[i][j].r[part]);
              }
          }
        }
        EACH (j, O) {
          const int64_t output = o + j;
          T scale[kLanes], shift[kLanes];
          if (a.scale) store(scale, broadcast(a.scale[output]));
          if (a.bias) store(shift, broadcast(a.bias[output]));
          const ScaleAndShift<T> finish(a.scale ? scale : nullptr, a.bias ? shift : nullptr, a.relu);
          EACH (i, R) store(values[i][output], finish(acc[i][j]));
        }
      }
      for (int i = 0; i < R && first_row + i < a.rows; i++) {
        T* dst = a.dst + (first_row + i) * a.dst_row + col * a.dst_col;
        if (a.outputs <= kLanes / 2) store_positions<kLanes / 2>(values[i], dst, a.dst_col, count);
        else store_positions<kLanes>(values[i], dst, a.dst_col, count);
      }
    }
}
