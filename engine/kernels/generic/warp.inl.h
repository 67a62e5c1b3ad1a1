// A picture that shows another one from elsewhere, and the gradient of that one.
#pragma once

// What a position is made of: up to four pixels, as offsets from the first one; less than 0 stands for the fill value.
template <class T>
struct Pixels {
  int count;
  int64_t offsets[4];
  T weights[4];
};

// One axis: up to two positions, less than 0 outside, and how much each of them counts.
struct Places {
  int count;
  int64_t at[2];
  double weights[2];
};

INLINE int64_t inside(int64_t place, int64_t size, FillMode mode) {
  if (place >= 0 && place < size) return place;
  switch (mode) {
    case FillMode::constant: return -1;
    case FillMode::nearest: return place < 0 ? 0 : size - 1;
    case FillMode::reflect:
    case FillMode::wrap: break;
  }
  const int64_t period = mode == FillMode::wrap ? size : 2 * size;
  const int64_t within = place % period, from_start = within < 0 ? within + period : within;
  return from_start < size ? from_start : period - 1 - from_start;
}

// The next whole number at or below x.
INLINE int64_t whole_below(double x) {
  const int64_t towards_zero = (int64_t)x;
  return towards_zero - ((double)towards_zero > x);
}

INLINE Places places_at(double place, int64_t size, FillMode mode, bool nearest) {
  const int64_t low = whole_below(place);
  const double part = place - (double)low;
  if (nearest) {  // halves away from zero
    const bool up = part > 0.5 || (part == 0.5 && place > 0);
    return {1, {inside(low + up, size, mode), 0}, {1, 0}};
  }
  if (part == 0) return {1, {inside(low, size, mode), 0}, {1, 0}};
  return {2, {inside(low, size, mode), inside(low + 1, size, mode)}, {1 - part, part}};
}

template <class T>
INLINE void add_pixel(Pixels<T>& p, int64_t offset, double weight) {
  p.offsets[p.count] = offset;
  p.weights[p.count++] = T(weight);
}

template <class T>
INLINE Pixels<T> pixels_at(const WarpArgs<T>& a, int64_t row_step, int64_t col_step, int row, int col) {
  const double y = a.places[0][0] * row + a.places[0][1] * col + a.places[0][2];
  const double x = a.places[1][0] * row + a.places[1][1] * col + a.places[1][2];
  const int64_t top = whole_below(y), left = whole_below(x);
  const double down = y - (double)top, across = x - (double)left;
  Pixels<T> p;
  p.count = 0;
  // Mostly between four pixels of the picture.
  if (!a.nearest && top >= 0 && left >= 0 && top + 1 < a.other_rows && left + 1 < a.other_cols && down != 0 &&
      across != 0) {
    const int64_t corner = top * row_step + left * col_step;
    add_pixel(p, corner, (1 - down) * (1 - across));
    add_pixel(p, corner + col_step, (1 - down) * across);
    add_pixel(p, corner + row_step, down * (1 - across));
    add_pixel(p, corner + row_step + col_step, down * across);
    return p;
  }
  const Places rows = places_at(y, a.other_rows, a.mode, a.nearest);
  const Places cols = places_at(x, a.other_cols, a.mode, a.nearest);
  for (int r = 0; r < rows.count; r++)
    for (int c = 0; c < cols.count; c++) {
      const bool outside = rows.at[r] < 0 || cols.at[c] < 0;
      add_pixel(p, outside ? -1 : rows.at[r] * row_step + cols.at[c] * col_step, rows.weights[r] * cols.weights[c]);
    }
  return p;
}

template <class T>
void warp_forward(const WarpArgs<T>& a) {
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Pixels<T> p = pixels_at(a, a.from.row, a.from.col, row, col);
      T* to = a.to.data + row * a.to.row + col * a.to.col;
      for (int c = 0; c < a.channels; c += kLanes) {
        Block<T> sum = zero<T>();
        for (int k = 0; k < p.count; k++) {
          const Block<T> value = p.offsets[k] < 0 ? broadcast(a.fill) : load(a.from.data + p.offsets[k] + c);
          sum = fma(broadcast(p.weights[k]), value, sum);
        }
        store(to + c, sum);
      }
    }
}

template <class T>
void warp_backward(const WarpArgs<T>& a) {
  for (int row = 0; row < a.other_rows; row++)
    for (int col = 0; col < a.other_cols; col++)
      for (int c = 0; c < a.channels; c += kLanes) store(a.to.data + row * a.to.row + col * a.to.col + c, zero<T>());
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Pixels<T> p = pixels_at(a, a.to.row, a.to.col, row, col);
      const T* from = a.from.data + row * a.from.row + col * a.from.col;
      for (int k = 0; k < p.count; k++) {
        if (p.offsets[k] < 0) continue;
        T* to = a.to.data + p.offsets[k];
        for (int c = 0; c < a.channels; c += kLanes)
          store(to + c, fma(broadcast(p.weights[k]), load(from + c), load(to + c)));
      }
    }
}
