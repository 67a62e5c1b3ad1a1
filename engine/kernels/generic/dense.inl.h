// Dense layers as matrix products over the batch. Chains: forward over the inputs of a part, weight gradients over the
// batch, input gradients over outputs.
#pragma once

// Inputs whose weights for one panel of outputs stay in L1 (32 KB) while all rows go by.
template <class T>
constexpr int64_t kDenseDepth = 32768 / (kPanel * (int64_t)sizeof(T));

// Some inputs of a part. Sums that are not finished wait in dst or, behind the first part, in scratch.
template <class T>
struct DenseSlice {
  int64_t first, count;
  bool begins, ends;   // the part
  bool follows, last;  // another part; all inputs of this call
};

template <class T, int B>
struct DenseTile {
  template <int R>
  static void run(int64_t top, const DenseArgs<T>* args, DenseSlice<T> slice, int64_t first) {
    const DenseArgs<T>& a = *args;
    const int64_t waiting_row = slice.follows ? padded(a.outputs) : a.dst_row;
    T* const waiting = (slice.follows ? a.scratch : a.dst) + first;
    const T* src[R];
    EACH (i, R) src[i] = a.src + a.src_rows[top + i] * a.src_row + slice.first;
    Block<T> acc[R][B];
    if (slice.begins) clear<T, R, B>(acc);
    else
      EACH (i, R)
        EACH (j, B) acc[i][j] = load(waiting + (top + i) * waiting_row + j * kLanes);
    multiply_add<T, R, B>(acc, src, a.weights + slice.first * a.weights_row + first, a.weights_row, slice.count);
    EACH (i, R) {
      T* dst = a.dst + (top + i) * a.dst_row + first;
      EACH (j, B) {
        if (!slice.ends) {
          store(waiting + (top + i) * waiting_row + j * kLanes, acc[i][j]);
          continue;
        }
        Block<T> value = acc[i][j];
        if (slice.follows) value = load(dst + j * kLanes) + value;
        if (slice.last)
          value = scale_and_shift<T>(value, nullptr, a.bias ? a.bias + first + j * kLanes : nullptr, a.relu);
        store(dst + j * kLanes, value);
      }
    }
  }
};
template <class T>
struct DenseRows {
  template <int B>
  static void run(int64_t first, const DenseArgs<T>* args, DenseSlice<T> slice) {
    by_rows<T, DenseTile<T, B>>(args->rows, args, slice, first);
  }
};
template <class T>
struct DenseRow {
  template <int B>
  static void run(int64_t first, const DenseArgs<T>* args, DenseSlice<T> slice) {
    DenseTile<T, B>::template run<1>(0, args, slice, first);
  }
};

template <class T, class Op, int blocks>
void dense_slices(const DenseArgs<T>& a) {
  for (int64_t part = a.first_part; part < a.last_part; part++) {
    const int64_t begin = dense_part(a.inputs, a.parts, part), end = dense_part(a.inputs, a.parts, part + 1);
    for (int64_t first = begin; first < end; first += kDenseDepth<T>) {
      const int64_t left = end - first, count = left < kDenseDepth<T> ? left : kDenseDepth<T>;
      by_columns<T, Op, blocks>(padded(a.outputs), &a,
                                DenseSlice<T>{first, count, first == begin, count == left, part > a.first_part,
                                              count == left && part + 1 == a.last_part});
    }
  }
}

template <class T>
void dense_forward(const DenseArgs<T>& a) {
  // A row by itself has only its blocks for chains side by side.
  constexpr int of_a_row = at_least_at_most(Tile<T>::blocks, 4, Tile<T>::held);
  if (a.rows == 1) dense_slices<T, DenseRow<T>, of_a_row>(a);
  else dense_slices<T, DenseRows<T>, Tile<T>::blocks>(a);
}

template <class T>
void dense_add_parts(const DensePartsArgs<T>& a) {
  const int64_t outputs = padded(a.outputs);
  for (int64_t r = 0; r < a.rows; r++)
    for (int64_t o = 0; o < outputs; o += kLanes) {
      const T* sums = a.src + r * a.src_row + o;
      Block<T> total = load(sums);
      for (int64_t part = 1; part < a.parts; part++) total = total + load(sums + part * outputs);
      store(a.dst + r * a.dst_row + o, scale_and_shift<T>(total, nullptr, a.bias ? a.bias + o : nullptr, a.relu));
    }
}

// ---- backward ----

template <class T, int R>
struct DenseGradColumns {
  template <int B>
  static INLINE void run(int64_t first, const DenseGradArgs<T>* args, int64_t k) {
    const DenseGradArgs<T>& a = *args;
    const T* grad = a.grad + first;
    int64_t offset[R];
    EACH (i, R) offset[i] = k + i < a.last_input ? k + i : a.last_input - 1;
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    for (int r = 0; r < a.batch; r++, grad += a.grad_row)
      add_products<T, R, B>(acc, a.src + a.src_rows[r] * a.src_row, offset, grad);
    EACH (i, R)
      EACH (j, B) store(a.grad_weights + (offset[i] - a.first_input) * a.weights_row + first + j * kLanes, acc[i][j]);
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
  for (int64_t o = 0; o < a.outputs; o += kLanes)
    for (int64_t image = 0; image < a.batch; image += kLanes) {
      const int64_t images = a.batch - image, outputs = a.outputs - o;
      Block<T> tile[kLanes];
      EACH (i, kLanes) tile[i] = i < images ? load(a.grad + (image + i) * a.grad_row + o) : zero<T>();
      transpose(tile);
      EACH (i, kLanes)
        if (i < outputs) store(a.scratch + (o + i) * a.scratch_row + image, tile[i]);
    }
}

// Gradients of 16 inputs for B blocks of 16 images. Lanes are images, so that the weights are read as they lie; the
// result is then turned round.
template <class T, int B>
INLINE void dense_input_tile(const DenseGradArgs<T>& a, int64_t k, int64_t image) {
  constexpr int rows = Tile<T>::held / B, R = rows >= 16 ? 16 : rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
  Block<T> tile[B][kLanes];
  EACH (part, kLanes / R) {
    const T* weights[R];
    EACH (i, R) {
      const int64_t input = k + part * R + i;
      weights[i] = a.weights + (input < a.last_input ? input : a.last_input - 1) * a.weights_row;
    }
    Block<T> acc[R][B];
    clear<T, R, B>(acc);
    multiply_add<T, R, B>(acc, weights, a.scratch + image, a.scratch_row, a.outputs);
    EACH (i, R)
      EACH (j, B) tile[j][part * R + i] = acc[i][j];
  }
  const int64_t inputs = a.last_input - k;
  EACH (j, B) {
    transpose(tile[j]);
    const int64_t first = image + j * kLanes;
    EACH (r, kLanes)
      if (first + r < a.batch)
        store_first(a.grad_src + (first + r) * a.grad_src_row + k, tile[j][r], inputs < kLanes ? (int)inputs : kLanes);
  }
}

template <class T>
void dense_backward_input(const DenseGradArgs<T>& a) {
  // Two blocks where registers allow: a weight is then loaded for twice as many products.
  constexpr int64_t B = Tile<T>::held >= 16 ? 2 : 1;
  for (int64_t k = a.first_input; k < a.last_input; k += kLanes) {
    int64_t image = 0;
    for (; a.batch - image > (B - 1) * kLanes; image += B * kLanes) dense_input_tile<T, B>(a, k, image);
    if (image < a.batch) dense_input_tile<T, 1>(a, k, image);
  }
}
