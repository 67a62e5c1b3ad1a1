// Gradients of batch normalization: sums per image, then over the batch, then the gradient of each image.
#pragma once

// The gradient in front of the ReLU, where there is one: 0 where the normalized value is not above 0.
template <bool with_relu, class T>
INLINE Block<T> through_relu(const Block<T>& grad, const Block<T>& value) {
  return with_relu ? select(greater_or_unordered(value, zero<T>()), grad, zero<T>()) : grad;
}

template <class T>
struct NormSums {
  template <int B>
  static INLINE void run(int c, const NormSumsArgs<T>* args) {
    if (args->relu) all<B, true>(*args, c);
    else all<B, false>(*args, c);
  }
  template <int B, bool with_relu>
  static INLINE void all(const NormSumsArgs<T>& a, int c) {
    const Normalization<T, B> norm(a, c);
    Block<T> inverse[B], total[B][2];  // of gradients, of gradients times normalized values
    EACH (j, B) inverse[j] = load(a.inverse + c + j * kLanes);
    sum_positions<T, B, 2>(a.rows, a.cols, total, [&](int row, int col, int j, Block<T>(&sums)[2]) {
      const Block<T> deviation = load_at(a.src, row, col, c + j * kLanes) - norm.mean[j];
      const Block<T> grad = through_relu<with_relu>(load_at(a.grad, row, col, c + j * kLanes),
                                                    fma(deviation, norm.scale[j], norm.beta[j]));
      sums[0] = sums[0] + grad;
      sums[1] = fma(grad, deviation * inverse[j], sums[1]);
    });
    EACH (j, B) {
      store(a.sums + c + j * kLanes, total[j][0]);
      store(a.sums + padded(a.channels) + c + j * kLanes, total[j][1]);
    }
  }
};

template <class T>
void batch_norm_backward_sums(const NormSumsArgs<T>& a) {
  by_channels<T, NormSums<T>, kSummedBlocks<T>>(a.channels, &a);
}

// With N positions in the batch: grad_beta = sum of gradients, grad_gamma = sum of gradient times normalized value, and
// grad_src = scale (grad - grad_beta / N - value grad_gamma / N).
template <class T>
void batch_norm_backward_parameters(const NormGradArgs<T>& a) {
  const double count = double(a.images) * double(a.positions);
  for (int l = 0; l < kLanes; l++) {
    double grads = 0, products = 0;
    for (int64_t i = 0; i < a.images; i++) {
      grads += double(a.sums[i * a.sums_row + l]);
      products += double(a.sums[i * a.sums_row + a.sums_half + l]);
    }
    if (a.grad_beta) a.grad_beta[l] = T(grads);
    if (a.grad_gamma) a.grad_gamma[l] = T(products);
    const double scale = double(a.state[NormState::scale * a.state_row + l]);
    const double inverse = double(a.state[NormState::inverse * a.state_row + l]);
    a.state[NormState::grad_slope * a.state_row + l] = T(-scale * inverse * products / count);
    a.state[NormState::grad_offset * a.state_row + l] = T(-scale * grads / count);
  }
}

template <class T>
struct NormInput {
  template <int B>
  static INLINE void run(int c, const NormInputArgs<T>* args) {
    const NormInputArgs<T>& a = *args;
    if (a.grad_slope) {
      if (a.relu) all<B, true, false>(a, c);
      else all<B, false, false>(a, c);
    } else {
      if (a.relu) all<B, true, true>(a, c);
      else all<B, false, true>(a, c);
    }
  }
  template <int B, bool with_relu, bool fixed>
  static INLINE void all(const NormInputArgs<T>& a, int c) {
    const Normalization<T, B> norm(a, c);
    Block<T> slope[B], offset[B];
    EACH (j, B) {
      slope[j] = fixed ? zero<T>() : load(a.grad_slope + c + j * kLanes);
      offset[j] = fixed ? zero<T>() : load(a.grad_offset + c + j * kLanes);
    }
    for (int64_t row = 0; row < a.rows; row++) {
      const T* src = a.src.data + row * a.src.row + c;
      const T* grads = a.grad.data + row * a.grad.row + c;
      T* dst = a.grad_src.data + row * a.grad_src.row + c;
      for (int64_t col = 0; col < a.cols; col++, src += a.src.col, grads += a.grad.col, dst += a.grad_src.col) {
        EACH (j, B) {
          Block<T> grad = load(grads + j * kLanes), deviation = zero<T>();
          if (with_relu || !fixed) deviation = load(src + j * kLanes) - norm.mean[j];
          grad = through_relu<with_relu>(grad, fma(deviation, norm.scale[j], norm.beta[j]));
          store(dst + j * kLanes,
                fixed ? grad * norm.scale[j] : fma(deviation, slope[j], fma(grad, norm.scale[j], offset[j])));
        }
      }
    }
  }
};

template <class T>
void batch_norm_backward_input(const NormInputArgs<T>& a) {
  by_channels<T, NormInput<T>, kMappedBlocks>(a.channels, &a);
}

template <class T>
void batch_norm_coefficients(const NormCoefficientsArgs<T>& a) {
  for (int c = 0; c < a.channels; c++) {
    const double inverse = 1 / __builtin_sqrt(double(a.variance[c]) + a.epsilon);
    const double scale = a.gamma ? double(a.gamma[c]) * inverse : inverse;
    const double in = (a.bias ? double(a.bias[c]) : 0) - double(a.mean[c]);
    a.scale[c] = T(scale);
    a.shift[c] = T(in * scale + (a.beta ? double(a.beta[c]) : 0));
  }
}
