// How matrix-like kernels walk over their outputs: in groups of 4, 2 or 1 blocks, as many as a
// tile of this ISA may hold.
#pragma once

// Calls Op::run<B>(first, arguments ...) for each group of B blocks, at most `most`, of `lanes` (a multiple of 16)
// lanes.
template <class T, class Op, int most = Tile<T>::blocks, class... Arguments>
INLINE void by_columns(int64_t lanes, Arguments... arguments) {
  for (int64_t first = 0; first < lanes;) {
    const int64_t blocks = (lanes - first) / kLanes;
    if (most >= 4 && blocks >= 4) {
      Op::template run<4>(first, arguments...);
      first += 4 * kLanes;
    } else if (most >= 2 && blocks >= 2) {
      Op::template run<2>(first, arguments...);
      first += 2 * kLanes;
    } else {
      Op::template run<1>(first, arguments...);
      first += kLanes;
    }
  }
}

template <class T>
INLINE int64_t groups_of_columns(int64_t lanes) {
  return (lanes / kLanes + Tile<T>::blocks - 1) / Tile<T>::blocks;
}

// The columns of one panel group: `weights` is its first element of row 0, `width` the length of a row.
template <class T>
struct Columns {
  const T* weights;
  int64_t width;
  int64_t first;  // output
};

template <class T, class Op>
struct PanelColumns {
  template <int B, class... Arguments>
  static INLINE void run(int64_t first, const T* panel, int64_t width, int64_t first_output, Arguments... arguments) {
    Op::template run<B>(Columns<T>{panel + first, width, first_output + first}, arguments...);
  }
};

// Calls Op::run<B>(columns, arguments ...) for each group of blocks of weights packed in panels of k_count rows.
template <class T, class Op, class... Arguments>
INLINE void by_panels(const T* weights, int64_t k_count, int64_t outputs, Arguments... arguments) {
  for (int64_t panel = 0; panel < outputs; panel += kPanel) {
    const int64_t width = outputs - panel < kPanel ? outputs - panel : kPanel;
    by_columns<T, PanelColumns<T, Op>>(width, weights + panel * k_count, width, panel, arguments...);
  }
}
