// Dense layers as matrix products over the batch. Chains: forward over inputs, weight gradients over the batch, input
// gradients over outputs.
#pragma once

template <class T, int R, int B>
void dense_columns(const DenseArgs<T>& a, int64_t first) {
  Block<T> bias[B];
  UNROLL(8) for (int j = 0; j < B; j++) bias[j] = a.bias ? load(a.bias + first + j * kLanes) : zero<T>();
  for (int r = 0; r < a.rows; r += R) {
    const T* src[R];
    T* dst[R];
    UNROLL(8) for (int i = 0; i < R; i++) {  // past the end the last row is made again, to the same bits
      const int row = r + i < a.rows ? r + i : a.rows - 1;
      src[i] = a.src + row * a.src_row;
      dst[i] = a.dst + row * a.dst_row + first;
    }
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    multiply_add<T, R, B>(acc, src, a.weights + first, a.weights_row, a.inputs);
    UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++) {
      const Block<T> value = acc[i][j] + bias[j];
      store(dst[i] + j * kLanes, a.relu ? relu(value) : value);
    }
  }
}

template <class T, int R>
void dense_rows(const DenseArgs<T>& a) {
  const int64_t outputs = padded(a.outputs);
  for (int64_t o = 0; o < outputs;) {
    const int64_t blocks = (outputs - o) / kLanes;
    if (Tile<T>::blocks >= 4 && blocks >= 4) dense_columns<T, R, 4>(a, o), o += 4 * kLanes;
    else if (Tile<T>::blocks >= 2 && blocks >= 2) dense_columns<T, R, 2>(a, o), o += 2 * kLanes;
    else dense_columns<T, R, 1>(a, o), o += kLanes;
  }
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

template <class T, int R, int B>
INLINE void dense_outer_products(const DenseGradArgs<T>& a, int64_t k, int64_t first) {
  const T* src = a.src;
  const T* grad = a.grad + first;
  int64_t offset[R];
  UNROLL(8) for (int i = 0; i < R; i++) offset[i] = k + i < a.last_input ? k + i : a.last_input - 1;
  Block<T> acc[R][B];
  clear<T, R, B>(acc);
  for (int r = 0; r < a.batch; r++, src += a.src_row, grad += a.grad_row) {
    Block<T> g[B];
    UNROLL(8) for (int j = 0; j < B; j++) g[j] = load(grad + j * kLanes);
    UNROLL(8) for (int i = 0; i < R; i++) {
      const Block<T> x = broadcast(src[offset[i]]);
      UNROLL(8) for (int j = 0; j < B; j++) acc[i][j] = fma(x, g[j], acc[i][j]);
    }
  }
  UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++)
    store(a.grad_weights + offset[i] * a.weights_row + first + j * kLanes, acc[i][j]);
}

template <class T>
void dense_backward_weights(const DenseGradArgs<T>& a) {
  constexpr int R = Tile<T>::rows > 4 ? 4 : Tile<T>::rows;
  const int64_t outputs = padded(a.outputs);
  for (int64_t k = a.first_input; k < a.last_input; k += R)
    for (int64_t o = 0; o < outputs;) {
      const int64_t blocks = (outputs - o) / kLanes;
      if (Tile<T>::blocks >= 4 && blocks >= 4) dense_outer_products<T, R, 4>(a, k, o), o += 4 * kLanes;
      else if (Tile<T>::blocks >= 2 && blocks >= 2) dense_outer_products<T, R, 2>(a, k, o), o += 2 * kLanes;
      else dense_outer_products<T, R, 1>(a, k, o), o += kLanes;
    }
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
  UNROLL(8) for (int i = 0; i < R; i++) weights[i] = a.weights + (k + i < a.last_input ? k + i : a.last_input - 1) * a.weights_row;
  Block<T> acc[R][B];
  clear<T, R, B>(acc);
  multiply_add<T, R, B>(acc, weights, a.scratch + first_image, padded(a.batch), a.outputs);
  T tile[R][B * kLanes];
  UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++) store(tile[i] + j * kLanes, acc[i][j]);
  const int64_t images = a.batch - first_image < B * kLanes ? a.batch - first_image : B * kLanes;
  const int64_t inputs = a.last_input - k < R ? a.last_input - k : R;
  for (int64_t r = 0; r < images; r++) {
    T* dst = a.grad_src + (first_image + r) * a.grad_src_row + k;
    if (inputs == R) UNROLL(8) for (int i = 0; i < R; i++) dst[i] = tile[i][r];
    else for (int64_t i = 0; i < inputs; i++) dst[i] = tile[i][r];
  }
}

template <class T>
void dense_backward_input(const DenseGradArgs<T>& a) {
  constexpr int R = Tile<T>::wide ? 8 : Tile<T>::rows > 4 ? 4 : Tile<T>::rows;
  for (int64_t k = a.first_input; k < a.last_input; k += R)
    for (int64_t image = 0; image < a.batch;) {
      if (Tile<T>::blocks >= 2 && a.batch - image > kLanes) dense_input_columns<T, R, 2>(a, k, image), image += 2 * kLanes;
      else dense_input_columns<T, R, 1>(a, k, image), image += kLanes;
    }
}
