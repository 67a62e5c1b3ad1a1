// Gradients of batch normalization: sums per image, then over the batch, then the gradient of each image.
#pragma once

// The gradient in front of a ReLU that gave `out`: 0 where that is 0.
template <class T, class Args>
INLINE Block<T> gradient_at(const Args& a, int64_t row, int64_t col, int c) {
  const Block<T> grad = load_at(a.grad, row, col, c);
  if (!a.out.data) return grad;
  return select(greater_or_unordered(load_at(a.out, row, col, c), zero<T>()), grad, zero<T>());
}

template <class T>
void batch_norm_backward_sums(const NormSumsArgs<T>& a) {
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> mean = load(a.mean + c), inverse = load(a.inverse + c);
    const Block<T> grads = sum_positions<T>(
        a.rows, a.cols, [&](int row, int col, const Block<T>& sum) { return sum + gradient_at<T>(a, row, col, c); });
    const Block<T> products = sum_positions<T>(a.rows, a.cols, [&](int row, int col, const Block<T>& sum) {
      const Block<T> value = (load_at(a.src, row, col, c) - mean) * inverse;
      return fma(gradient_at<T>(a, row, col, c), value, sum);
    });
    store(a.sums + c, grads);
    store(a.sums + padded(a.channels) + c, products);
  }
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
    a.state[NormState::grad_scale * a.state_row + l] = T(scale);
    a.state[NormState::grad_slope * a.state_row + l] = T(-scale * inverse * products / count);
    a.state[NormState::grad_offset * a.state_row + l] = T(-scale * grads / count);
  }
}

template <class T>
void batch_norm_backward_input(const NormInputArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int c = 0; c < a.channels; c += kLanes) {
      const Block<T> scale = load(a.grad_scale + c);
      const bool fixed = !a.mean;
      const Block<T> mean = fixed ? scale : load(a.mean + c), slope = fixed ? scale : load(a.grad_slope + c),
                     offset = fixed ? scale : load(a.grad_offset + c);
      T* dst = a.grad_src.data + row * a.grad_src.row + c;
      for (int64_t col = 0; col < a.cols; col++, dst += a.grad_src.col) {
        const Block<T> grad = gradient_at<T>(a, row, col, c);
        store(dst, fixed ? grad * scale : fma(load_at(a.src, row, col, c) - mean, slope, fma(grad, scale, offset)));
      }
    }
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
