// Max pooling of any window, stride and padding. The first maximum in window order wins; the first NaN wins over all.
#pragma once

// The place of a source cell in its window, in every lane. As a T: it has 16 bits, which both types hold exactly.
template <class T, class Args>
INLINE Block<T> place_in_window(const Args& a, const Window& w, int row, int col) {
  return broadcast(T((row - w.top) * a.pool_cols + (col - w.left)));
}

template <class T>
void maxpool_forward(const PoolArgs<T>& a) {
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Window w = window_of(a, row, col);
      const int64_t window = int64_t(row) * a.cols + col;
      for (int c = 0; c < a.channels; c += kLanes) {
        const T* src = a.src + c;
        Block<T> best = load(src + w.first_row * a.src_row + w.first_col * a.src_col);
        Block<T> winner = place_in_window<T>(a, w, w.first_row, w.first_col);
        for (int y = w.first_row; y < w.last_row; y++)
          for (int x = w.first_col; x < w.last_col; x++) {
            const Block<T> value = load(src + y * a.src_row + x * a.src_col);
            const Mask<T> wins = greater_or_unordered(value, best) & ~unordered(best, best);
            best = select(wins, value, best);
            winner = select(wins, place_in_window<T>(a, w, y, x), winner);
          }
        store(a.dst + row * a.dst_row + col * a.dst_col + c, best);
        if (!a.winners) continue;
        T places[kLanes];
        store(places, winner);
        uint16_t* winners = a.winners + window * padded(a.channels) + c;
        for (int i = 0; i < kLanes; i++) winners[i] = uint16_t(places[i]);
      }
    }
}

// Each source element sums the gradients of the windows it won, in row-major order.
template <class T>
void maxpool_backward(const PoolGradArgs<T>& a) {
  clear_source(a);
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Window w = window_of(a, row, col);
      const int64_t window = int64_t(row) * a.cols + col;
      for (int c = 0; c < a.channels; c += kLanes) {
        const Block<T> grad = load(a.grad + row * a.grad_row + col * a.grad_col + c);
        const uint16_t* winners = a.winners + window * padded(a.channels) + c;
        T places[kLanes];
        for (int i = 0; i < kLanes; i++) places[i] = T(winners[i]);
        const Block<T> winner = load(places);
        for (int y = w.first_row; y < w.last_row; y++)
          for (int x = w.first_col; x < w.last_col; x++) {
            const Block<T> place = place_in_window<T>(a, w, y, x);
            const Mask<T> lost = greater(winner, place) | greater(place, winner);
            T* grad_src = a.grad_src + y * a.src_row + x * a.src_col + c;
            store(grad_src, load(grad_src) + select(lost, zero<T>(), grad));
          }
      }
    }
}
