// Contrast and brightness: values moved away from their mean, or all up or down, and kept within limits.
#pragma once

// Of 16 channels over all positions: first each row, then the rows.
template <class T, class F>
INLINE Block<T> sum_of_rows(int rows, int cols, const F& at) {
  Block<T> sum = zero<T>();
  for (int row = 0; row < rows; row++) {
    Block<T> of_row = zero<T>();
    for (int col = 0; col < cols; col++) of_row = of_row + at(row, col);
    sum = sum + of_row;
  }
  return sum;
}

template <class T>
INLINE Block<T> tone_mean(const ToneArgs<T>& a, int c) {
  if (!a.contrast) return zero<T>();
  const Block<T> sum = sum_of_rows<T>(a.rows, a.cols, [&](int row, int col) { return load_from(a.src, row, col, c); });
  return sum / broadcast(T(int64_t(a.rows) * a.cols));
}

// Before the limits.
template <class T>
INLINE Block<T> toned(const ToneArgs<T>& a, const Block<T>& x, const Block<T>& mean) {
  return a.contrast ? fma(x - mean, broadcast(a.amount), mean) : x + broadcast(a.amount);
}

template <class T>
void tone_forward(const ToneArgs<T>& a) {
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> mean = tone_mean(a, c);
    for (int row = 0; row < a.rows; row++)
      for (int col = 0; col < a.cols; col++)
        store(a.dst.data + row * a.dst.row + col * a.dst.col + c,
              at_most(at_least(toned(a, load_from(a.src, row, col, c), mean), a.least), a.most));
  }
}

// Where a limit holds, nothing goes back. A mean hands its part on to all positions.
template <class T>
void tone_backward(const ToneArgs<T>& a) {
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> mean = tone_mean(a, c), least = broadcast(a.least), most = broadcast(a.most);
    const auto through = [&](int row, int col) {
      const Block<T> x = toned(a, load_from(a.src, row, col, c), mean);
      return keep(~(greater(least, x) | greater(x, most)), load_from(a.grad, row, col, c));
    };
    const Block<T> factor = broadcast(a.contrast ? a.amount : T(1));
    Block<T> of_mean = zero<T>();
    if (a.contrast)
      of_mean = sum_of_rows<T>(a.rows, a.cols, through) * broadcast((1 - a.amount) / T(int64_t(a.rows) * a.cols));
    for (int row = 0; row < a.rows; row++)
      for (int col = 0; col < a.cols; col++)
        store(a.grad_src.data + row * a.grad_src.row + col * a.grad_src.col + c,
              fma(through(row, col), factor, of_mean));
  }
}
