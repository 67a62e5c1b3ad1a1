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
    Block<T> total[2];  // of gradients, of gradients times normalized values
    sum_positions<T, 2>(a.rows, a.cols, total, [&](int row, int col, Block<T>(&sums)[2]) {
      const Block<T> grad = gradient_at<T>(a, row, col, c);
      sums[0] = sums[0] + grad;
      sums[1] = fma(grad, (load_at(a.src, row, col, c) - mean) * inverse, sums[1]);
    });
    store(a.sums + c, total[0]);
    store(a.sums + padded(a.channels) + c, total[1]);
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
  const bool fixed = !a.mean;
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      T* dst = a.grad_src.data + row * a.grad_src.row + col * a.grad_src.col;
      for (int c = 0; c < a.channels; c += kLanes) {
        const Block<T> grad = gradient_at<T>(a, row, col, c), scale = load(a.grad_scale + c);
        if (fixed) {
          store(dst + c, grad * scale);
          continue;
        }
        const Block<T> deviation = load_at(a.src, row, col, c) - load(a.mean + c);
        store(dst + c, fma(deviation, load(a.grad_slope + c), fma(grad, scale, load(a.grad_offset + c))));
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
