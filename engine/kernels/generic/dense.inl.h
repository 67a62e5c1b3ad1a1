// Dense layers as matrix products over the batch. Chains: forward over inputs, weight gradients over the batch, input
// gradients over outputs.
#pragma once

template <class T, int R>
struct DenseColumns {
  template <int B>
  static void run(int64_t first, const DenseArgs<T>* args) {
    const DenseArgs<T>& a = *args;
    for (int r = 0; r < a.rows; r += R) {
      const T* src[R];
      T* dst[R];
      EACH (i, R) {  // past the end the last row is made again, to the same bits
        const int row = r + i < a.rows ? r + i : a.rows - 1;
        src[i] = a.src + row * a.src_row;
        dst[i] = a.dst + row * a.dst_row + first;
      }
      Block<T> acc[R][B];
      clear<T, R, B>(acc);
      multiply_add<T, R, B>(acc, src, a.weights + first, a.weights_row, a.inputs);
      EACH (i, R)
        EACH (j, B) {
          const Block<T> value = a.bias ? acc[i][j] + load(a.bias + first + j * kLanes) : acc[i][j];
          store(dst[i] + j * kLanes, a.relu ? relu(value) : value);
        }
    }
  }
};

template <class T, int R>
void dense_rows(const DenseArgs<T>& a) {
  by_columns<T, DenseColumns<T, R>>(padded(a.outputs), &a);
}

template <class T>
void dense_forward(const DenseArgs<T>& a) {
  constexpr int tallest = Tile<T>::rows, middle = tallest > 4 ? 4 : tallest;
  const int rows = tile_rows(a.rows, tallest, middle);
  if (a.rows == 1) dense_rows<T, 1>(a);
  else if (rows == tallest) dense_rows<T, tallest>(a);
  else if (rows == middle) dense_rows<T, middle>(a);
  else dense_rows<T, tallest == 6 ? 5 : tallest>(a);
}

// ---- backward ----

template <class T, int R>
struct DenseGradColumns {
  template <int B>
  static INLINE void run(int64_t first, const DenseGradArgs<T>* args, int64_t k) {
    const DenseGradArgs<T>& a = *args;
    const T* src = a.src;
    const T* grad = a.grad + first;
    int64_t offset[R];
    EACH (i, R) offset[i] = k + i < a.last_input ? k + i : a.last_input - 1;
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    for (int r = 0; r < a.batch; r++, src += a.src_row, grad += a.grad_row)
      add_products<T, R, B>(acc, src, offset, grad);
    EACH (i, R)
      EACH (j, B) store(a.grad_weights + offset[i] * a.weights_row + first + j * kLanes, acc[i][j]);
  }
};

template <class T>
void dense_backward_weights(const DenseGradArgs<T>& a) {
  constexpr int R = Tile<T>::rows > 4 ? 4 : Tile<T>::rows;
  const int64_t outputs = padded(a.outputs);
  for (int64_t k = a.first_input; k < a.last_input; k += R) by_columns<T, DenseGradColumns<T, R>>(outputs, &a, k);
  if (!a.grad_bias) return;
  for (int64_t o = 0; o < outputs; o += kLanes) {
    Block<T> sum = zero<T>();
    for (int r = 0; r < a.batch; r++) sum = sum + load(a.grad + r * a.grad_row + o);
    store(a.grad_bias + o, sum);
  }
}

template <class T>
void dense_transpose_gradient(const DenseGradArgs<T>& a) {
  const int64_t batch = padded(a.batch);
  for (int o = 0; o < a.outputs; o++)
    for (int64_t r = 0; r < batch; r++) a.scratch[o * batch + r] = r < a.batch ? a.grad[r * a.grad_row + o] : T(0);
}

// Lanes are images: the weights are read as they lie, and only a tile of the result is turned round.
template <class T, int R, int B>
INLINE void dense_input_columns(const DenseGradArgs<T>& a, int64_t k, int64_t first_image) {
  const T* weights[R];
  EACH (i, R) weights[i] = a.weights + (k + i < a.last_input ? k + i : a.last_input - 1) * a.weights_row;
  Block<T> acc[R][B];
  clear<T, R, B>(acc);
  multiply_add<T, R, B>(acc, weights, a.scratch + first_image, padded(a.batch), a.outputs);
  T tile[R][B * kLanes];
  EACH (i, R)
    EACH (j, B) store(tile[i] + j * kLanes, acc[i][j]);
  const int64_t images = a.batch - first_image < B * kLanes ? a.batch - first_image : B * kLanes;
  const int64_t inputs = a.last_input - k < R ? a.last_input - k : R;
  for (int64_t r = 0; r < images; r++) {
    T* dst = a.grad_src + (first_image + r) * a.grad_src_row + k;
    if (inputs == R)
      EACH (i, R) dst[i] = tile[i][r];
    else
      for (int64_t i = 0; i < inputs; i++) dst[i] = tile[i][r];
  }
}

template <class T>
void dense_backward_input(const DenseGradArgs<T>& a) {
  constexpr int R = Tile<T>::wide ? 8 : Tile<T>::rows > 4 ? 4 : Tile<T>::rows;
  for (int64_t k = a.first_input; k < a.last_input; k += R)
    for (int64_t image = 0; image < a.batch;) {
      if (Tile<T>::blocks >= 2 && a.batch - image > kLanes)
        dense_input_columns<T, R, 2>(a, k, image), image += 2 * kLanes;
      else dense_input_columns<T, R, 1>(a, k, image), image += kLanes;
    }
}
