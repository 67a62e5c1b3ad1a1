// Losses that are a mean over the outputs of what one output and its target give. One loop for all of them: they are
// used seldom, and which one it is costs little beside a logarithm.
#pragma once

// What one output adds to its row's loss, and its derivative.
template <class T>
struct LossTerm {
  Block<T> loss, slope;
};

template <class T>
INLINE LossTerm<T> absolute_error(const Block<T>& t, const Block<T>& p) {
  return {abs(p - t), sign(p - t)};
}

// In hundredths of the target's size, which counts as 1e-7 at least.
template <class T>
INLINE LossTerm<T> absolute_percentage_error(const Block<T>& t, const Block<T>& p) {
  const Block<T> size = at_least(abs(t), Clip<T>::low), hundred = broadcast(T(100));
  return {hundred * (abs(p - t) / size), hundred * (sign(p - t) / size)};
}

// (log(1 + p) - log(1 + t))^2, with both 1e-7 at least; below that p has no slope.
template <class T>
INLINE LossTerm<T> squared_logarithmic_error(const Block<T>& t, const Block<T>& p) {
  const Block<T> one = broadcast(T(1)), low = broadcast(Clip<T>::low);
  const Block<T> d = log(at_least(p, Clip<T>::low) + one) - log(at_least(t, Clip<T>::low) + one);
  return {d * d, select(greater(low, p), zero<T>(), broadcast(T(2)) * d / (p + one))};
}

// The square up to delta, then the line that goes on from it.
template <class T>
INLINE LossTerm<T> huber(const Block<T>& t, const Block<T>& p, T delta) {
  const Block<T> d = p - t, size = abs(d), half = broadcast(T(0.5)), limit = broadcast(delta);
  const Mask<T> far = greater(size, limit);
  return {select(far, limit * (size - half * limit), half * d * d), select(far, limit * sign(d), d)};
}

// log(cosh(d)) = |d| + log(1 + exp(-2 |d|)) - log(2).
template <class T>
INLINE LossTerm<T> log_cosh(const Block<T>& t, const Block<T>& p) {
  const Block<T> d = p - t, size = abs(d);
  const Block<T> log_2 = broadcast(T(0.693147180559945309417232));
  return {size + (log1p(exp(broadcast(T(-2)) * size)) - log_2), tanh(d)};
}

template <class T>
INLINE LossTerm<T> poisson(const Block<T>& t, const Block<T>& p) {
  const Block<T> above = p + broadcast(Clip<T>::low);
  return {p - t * log(above), broadcast(T(1)) - t / above};
}

// max(1 - t p, 0) and its square. At the corner the slope is 0.
template <class T>
INLINE LossTerm<T> hinge(const Block<T>& t, const Block<T>& p, bool squared) {
  const Block<T> none = zero<T>(), missing = relu(fma(none - t, p, broadcast(T(1))));
  const Block<T> slope = select(greater_or_unordered(missing, none), none - t, none);
  if (squared) return {missing * missing, broadcast(T(2)) * missing * slope};
  return {missing, slope};
}

template <class T>
INLINE LossTerm<T> loss_term(Loss kind, const Block<T>& t, const Block<T>& p, T delta) {
  switch (kind) {
    case Loss::mean_absolute_error: return absolute_error(t, p);
    case Loss::mean_absolute_percentage_error: return absolute_percentage_error(t, p);
    case Loss::mean_squared_logarithmic_error: return squared_logarithmic_error(t, p);
    case Loss::huber: return huber(t, p, delta);
    case Loss::log_cosh: return log_cosh(t, p);
    case Loss::poisson: return poisson(t, p);
    default: return hinge(t, p, kind == Loss::squared_hinge);
  }
}

template <class T>
Block<T> elementwise_loss(const LossRows<T>& a, Loss kind, T delta) {
  const Block<T> outputs = broadcast(T(a.classes)), share = a.scale / outputs;
  Block<T> loss = zero<T>();
  for (int c = 0; c < a.classes; c++) {
    const LossTerm<T> term = loss_term(kind, load(a.targets + c * kLanes), load(a.values + c * kLanes), delta);
    loss = loss + term.loss;
    store(a.grads + c * kLanes, share * term.slope);
  }
  return loss / outputs;
}
