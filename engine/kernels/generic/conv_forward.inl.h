// Convolution + bias (+ ReLU): each output is one chain over (tap, channel), then the bias.
#pragma once

template <class T, int R>
struct ConvColumns {
  template <int B>
  static void run(const Columns<T>& w, const ConvArgs<T>* args) {
    const ConvArgs<T>& a = *args;
    const int64_t count = (int64_t)a.rows * a.cols;
    int row = 0, col = 0;
    for (int64_t done = 0; done < count; done += R) {
      const T* src[R];
      T* dst[R];
      EACH (i, R) {  // past the end the last output is made again, to the same bits
        src[i] = a.src + row * a.src_row + col * a.src_col;
        dst[i] = a.dst + row * a.dst_row + col * a.dst_col + w.first;
        if (done + i + 1 < count && ++col == a.cols) col = 0, row++;
      }
      Block<T> acc[R][B];
      clear<T, R, B>(acc);
      multiply_add_taps<T, R, B>(acc, src, a, w.weights, w.width);
      EACH (i, R)
        EACH (j, B) {
          const int64_t o = w.first + j * kLanes;
          const Block<T> value =
              scale_and_shift(acc[i][j], a.scale ? a.scale + o : nullptr, a.bias ? a.bias + o : nullptr, a.relu);
          const int64_t left = a.outputs - w.first - j * kLanes;
          store_first(dst[i] + j * kLanes, value, a.exact_lanes && left < kLanes ? (int)left : kLanes);
        }
    }
  }
};

// Tiles of four positions instead of six where fewer outputs are then made twice: maps of 4x4 and 2x2.
template <class T>
void conv_forward(const ConvArgs<T>& a) {
  if (a.scratch) return conv_thin(a);
  constexpr int tall = Tile<T>::rows, low = tall > 4 ? 4 : tall;
  const int64_t count = (int64_t)a.rows * a.cols, k_count = (int64_t)a.tap_count * a.channels;
  if (count <= 4 * tall && (count + low - 1) / low * low < (count + tall - 1) / tall * tall)
    by_panels<T, ConvColumns<T, low>>(a.weights, k_count, padded(a.outputs), &a);
  else by_panels<T, ConvColumns<T, tall>>(a.weights, k_count, padded(a.outputs), &a);
}

// The gradient of a convolution's input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_backward_input(const ConvArgs<T>& a) {
  conv_forward(a);
}
