// The steps of batch normalization, over images and over the batch.
#include "exec/executor.h"

namespace galago {

template <class T>
T* Executor<T>::state(const Step& step, int which) const {
  return state_.as<T>() + step.state + which * padded(plan_.units[step.unit].out.channels);
}

template <class T>
void Executor<T>::batch_norm_moments(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  MomentsArgs<T> a{};
  a.src = constant(map(step.src, place));
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(padded(u.out.channels));
  a.moments = at(step.other, place);
  kernels_.batch_norm_moments(a);
}

template <class T>
void Executor<T>::batch_norm_statistics(const Step& step, int64_t task) const {
  const Unit& u = plan_.units[step.unit];
  const int64_t first = task * kBlock;
  StatisticsArgs<T> a{};
  a.moments = at(step.other, {}) + first;
  a.moments_row = plan_.tensors[step.other].elements();
  a.moments_half = padded(u.out.channels);
  a.images = batch_.count;
  a.positions = u.out.rows * u.out.cols;
  a.gamma = u.gamma < 0 ? nullptr : weight(u.gamma) + first;
  // A layer that is called again goes on from where its call before has moved them.
  const auto moving = [this](int parameter) {
    const int before = plan_.parameters[static_cast<size_t>(parameter)].before;
    return before < 0 ? weight(parameter) : batch_gradient(before);
  };
  a.moving_mean = moving(u.mean) + first;
  a.moving_variance = moving(u.variance) + first;
  a.new_mean = batch_gradient(u.mean) + first;
  a.new_variance = batch_gradient(u.variance) + first;
  a.momentum = u.normalization.momentum;
  a.epsilon = u.normalization.epsilon;
  a.state = state(step, 0) + first;
  a.state_row = padded(u.out.channels);
  kernels_.batch_norm_statistics(a);
}

template <class T>
void Executor<T>::batch_norm_forward(const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const Rows rows = rows_of(u.out.rows, place);
  const bool fixed = step.coefficients >= 0;
  NormArgs<T> a{};
  a.src = constant(map(step.src, place), rows);
  a.dst = map(step.dst, place);
  a.dst.data += rows.first * a.dst.row;
  a.rows = narrow(rows.count);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(padded(u.out.channels));
  a.mean = fixed ? weight(u.mean) : state(step, NormState::mean);
  a.scale = fixed ? scale_of(step, place) : state(step, NormState::scale);
  a.beta = weight(u.beta);
  a.relu = u.relu;
  kernels_.batch_norm_forward(a);
}

template <class T>
void Executor<T>::set_gradient(NormGradSource<T>& a, const Step& step, const Place& place) const {
  const Unit& u = plan_.units[step.unit];
  const bool fixed = step.coefficients >= 0;
  a.src = constant(map(step.src, place));
  a.grad = constant(map(step.grad, place));
  a.rows = narrow(u.out.rows);
  a.cols = narrow(u.out.cols);
  a.channels = narrow(padded(u.out.channels));
  a.mean = fixed ? weight(u.mean) : state(step, NormState::mean);
  a.scale = fixed ? scale_of(step, place) : state(step, NormState::scale);
  a.beta = weight(u.beta);
  a.relu = u.relu;
}

template <class T>
void Executor<T>::batch_norm_backward_sums(const Step& step, const Place& place) const {
  NormSumsArgs<T> a{};
  set_gradient(a, step, place);
  a.inverse = state(step, NormState::inverse);
  a.sums = at(step.other, place);
  kernels_.batch_norm_backward_sums(a);
}

template <class T>
void Executor<T>::batch_norm_backward_parameters(const Step& step, int64_t task) const {
  const Unit& u = plan_.units[step.unit];
  const int64_t first = task * kBlock;
  NormGradArgs<T> a{};
  a.sums = at(step.other, {}) + first;
  a.sums_row = plan_.tensors[step.other].elements();
  a.sums_half = padded(u.out.channels);
  a.images = batch_.count;
  a.positions = u.out.rows * u.out.cols;
  a.grad_gamma = u.gamma < 0 ? nullptr : batch_gradient(u.gamma) + first;
  a.grad_beta = u.beta < 0 ? nullptr : batch_gradient(u.beta) + first;
  a.state = state(step, 0) + first;
  a.state_row = padded(u.out.channels);
  kernels_.batch_norm_backward_parameters(a);
}

template <class T>
void Executor<T>::batch_norm_backward_input(const Step& step, const Place& place) const {
  NormInputArgs<T> a{};
  set_gradient(a, step, place);
  a.grad_src = map(step.grad_src, place);
  if (step.coefficients < 0) {
    a.grad_slope = state(step, NormState::grad_slope);
    a.grad_offset = state(step, NormState::grad_offset);
  }
  kernels_.batch_norm_backward_input(a);
}

template void Executor<float>::batch_norm_moments(const Step&, const Place&) const;
template void Executor<double>::batch_norm_moments(const Step&, const Place&) const;
template void Executor<float>::batch_norm_statistics(const Step&, int64_t) const;
template void Executor<double>::batch_norm_statistics(const Step&, int64_t) const;
template void Executor<float>::batch_norm_forward(const Step&, const Place&) const;
template void Executor<double>::batch_norm_forward(const Step&, const Place&) const;
template void Executor<float>::batch_norm_backward_sums(const Step&, const Place&) const;
template void Executor<double>::batch_norm_backward_sums(const Step&, const Place&) const;
template void Executor<float>::batch_norm_backward_parameters(const Step&, int64_t) const;
template void Executor<double>::batch_norm_backward_parameters(const Step&, int64_t) const;
template void Executor<float>::batch_norm_backward_input(const Step&, const Place&) const;
template void Executor<double>::batch_norm_backward_input(const Step&, const Place&) const;

}  // namespace galago
