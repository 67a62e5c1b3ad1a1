// Convolution + bias + ReLU + 2x2 max pool: the four sums of a window never leave the registers.
#pragma once

template <class T>
struct PooledColumns {
  template <int B>
  static void run(const Columns<T>& w, const ConvArgs<T>* args) {
    // Up to three windows at a time, as many as leave half the registers to spare: one alone would be too few chains
    // to cover the latency of an FMA, and its epilogue would wait for them.
    constexpr int most = Tile<T>::held / (4 * B), W = at_least_at_most(1, 3, most);
    const ConvArgs<T> a = *args;  // of its own: stores might change what others see
    const int64_t blocks = padded(a.outputs) / kBlock, count = (int64_t)a.rows * a.cols;
    // A window has one address, and its other elements are a step away: four addresses each are more than there are
    // registers for.
    const int64_t step[4] = {0, a.src_col, a.src_row, a.src_row + a.src_col};
    Block<T> bias[B];
    EACH (j, B) bias[j] = a.bias ? load(a.bias + w.first + j * kLanes) : zero<T>();
    const T* next_src = a.src;
    T* next_dst = a.dst + w.first;
    uint16_t* next_winners = a.winners ? a.winners + w.first / kBlock : nullptr;
    int col = 0;
    for (int64_t done = 0; done < count; done += W) {
      const T* src[W];
      T* dst[W];
      uint16_t* winners[W];
      EACH (i, W) {  // past the end the last window is made again, to the same bits
        src[i] = next_src;
        dst[i] = next_dst;
        winners[i] = next_winners;
        if (done + i + 1 >= count) continue;
        const bool turn = ++col == a.cols;
        if (turn) col = 0;
        next_src += 2 * (turn ? a.src_row - (a.cols - 1) * a.src_col : a.src_col);
        next_dst += turn ? a.dst_row - (a.cols - 1) * a.dst_col : a.dst_col;
        if (next_winners) next_winners += 4 * blocks;
      }
      Block<T> acc[W][4][B];
      EACH (i, W) clear<T, 4, B>(acc[i]);
      const T* weights = w.weights;
      if (a.channels == 1) {  // the table of taps is the loop
        for (int t = 0; t < a.tap_count; t++, weights += w.width)
          EACH (i, W) add_products<T, 4, B>(acc[i], src[i] + a.taps[t], step, weights);
      } else {
        for (int t = 0; t < a.tap_count; t++)
          for (int64_t c = 0; c < a.channels; c++, weights += w.width)
            EACH (i, W) add_products<T, 4, B>(acc[i], src[i] + a.taps[t] + c, step, weights);
      }
      EACH (i, W)
        EACH (j, B)
          store_pooled(acc[i][0][j], acc[i][1][j], acc[i][2][j], acc[i][3][j], bias[j], dst[i] + j * kLanes,
                       winners[i] ? winners[i] + j : nullptr, blocks);
    }
  }
};

template <class T>
void conv_relu_maxpool_forward(const ConvArgs<T>& args) {
  if constexpr (Pooled3x3<T>::pays)
    if (Pooled3x3<T>::fits(args))
      return by_panels<T, Pooled3x3<T>>(args.weights, args.tap_count, padded(args.outputs), &args);
  int32_t elements[kMostElements];
  const ConvArgs<T> a = flat_taps(args, elements);
  by_panels<T, PooledColumns<T>>(a.weights, (int64_t)a.tap_count * a.channels, padded(a.outputs), &a);
}
