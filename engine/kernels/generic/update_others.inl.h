// Optimizers besides SGD and Adam. g is the sum of the gradient's shards, w the weight; what decays loses its dust.
#pragma once

// v = rho v + (1 - rho) g g; with a second number, a = rho a + (1 - rho) g, it is centered: its variance takes the
// place of v. s = rate g / sqrt(v + epsilon), and w -= s, or with momentum m = momentum m + s and w -= m. Keeps v, m,
// a. A variance is not below zero; where rounding makes it so, it counts as zero.
template <class T>
void rmsprop_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(a.rate), epsilon = broadcast(a.epsilon), momentum = broadcast(a.momentum);
  const Block<T> rho = broadcast(a.decay_1), rest = broadcast(a.rest_1), none = zero<T>();
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i);
    Block<T> v = without_dust(fma(rho, load(a.first + i), rest * (g * g)));
    store(a.first + i, v);
    if (a.third) {
      const Block<T> mean = without_dust(fma(rho, load(a.third + i), rest * g));
      store(a.third + i, mean);
      const Block<T> variance = fma(none - mean, mean, v);
      v = select(greater(none, variance), none, variance);
    }
    Block<T> s = rate * g / sqrt(v + epsilon);
    if (a.second) {
      s = without_dust(fma(momentum, load(a.second + i), s));
      store(a.second + i, s);
    }
    store(a.weights + i, load(a.weights + i) - s);
  }
}

// v += g g; w -= rate g / sqrt(v + epsilon). Keeps v.
template <class T>
void adagrad_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(a.rate), epsilon = broadcast(a.epsilon);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i);
    const Block<T> v = without_dust(fma(g, g, load(a.first + i)));
    store(a.first + i, v);
    store(a.weights + i, load(a.weights + i) - rate * g / sqrt(v + epsilon));
  }
}

// v = rho v + (1 - rho) g g; s = sqrt(d + epsilon) g / sqrt(v + epsilon); d = rho d + (1 - rho) s s; w -= rate s.
// Keeps v and d.
template <class T>
void adadelta_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(-a.rate), epsilon = broadcast(a.epsilon);
  const Block<T> rho = broadcast(a.decay_1), rest = broadcast(a.rest_1);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i);
    const Block<T> v = without_dust(fma(rho, load(a.first + i), rest * (g * g)));
    store(a.first + i, v);
    const Block<T> d = load(a.second + i);
    const Block<T> s = sqrt(d + epsilon) * g / sqrt(v + epsilon);
    store(a.second + i, without_dust(fma(rho, d, rest * (s * s))));
    store(a.weights + i, fma(rate, s, load(a.weights + i)));
  }
}

// m += (1 - beta_1) (g - m); u = max(beta_2 u, |g|); w -= rate m / (u + epsilon). Keeps m and u.
template <class T>
void adamax_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(a.rate), epsilon = broadcast(a.epsilon);
  const Block<T> rest_1 = broadcast(a.rest_1), beta_2 = broadcast(a.decay_2);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i), old_m = load(a.first + i);
    const Block<T> m = without_dust(fma(g - old_m, rest_1, old_m));
    const Block<T> u = without_dust(maximum(beta_2 * load(a.second + i), abs(g)));
    store(a.first + i, m);
    store(a.second + i, u);
    store(a.weights + i, load(a.weights + i) - rate * m / (u + epsilon));
  }
}

// m and v as Adam's; w -= rate (m's share + g's share) / (sqrt(v / correction) + epsilon). Keeps m and v.
template <class T>
void nadam_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(a.rate), epsilon = broadcast(a.epsilon);
  const Block<T> rest_1 = broadcast(a.rest_1), rest_2 = broadcast(a.rest_2);
  const Block<T> of_moment = broadcast(a.of_moment), of_gradient = broadcast(a.of_gradient);
  const Block<T> of_velocity = broadcast(a.of_velocity);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i);
    const Block<T> old_m = load(a.first + i), old_v = load(a.second + i);
    const Block<T> m = without_dust(fma(g - old_m, rest_1, old_m));
    const Block<T> v = without_dust(fma(fma(g, g, zero<T>() - old_v), rest_2, old_v));
    store(a.first + i, m);
    store(a.second + i, v);
    const Block<T> ahead = fma(of_moment, m, of_gradient * g);
    store(a.weights + i, load(a.weights + i) - rate * ahead / (sqrt(of_velocity * v) + epsilon));
  }
}

// w -= rate sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g. Keeps m.
template <class T>
void lion_update(const UpdateArgs<T>& a) {
  const Block<T> rate = broadcast(-a.rate);
  const Block<T> beta_1 = broadcast(a.decay_1), rest_1 = broadcast(a.rest_1);
  const Block<T> beta_2 = broadcast(a.decay_2), rest_2 = broadcast(a.rest_2);
  for (int64_t i = 0; i < a.count; i += kLanes) {
    const Block<T> g = sum_shards(a, i), m = load(a.first + i);
    store(a.first + i, without_dust(fma(beta_2, m, rest_2 * g)));
    store(a.weights + i, fma(rate, sign(fma(beta_1, m, rest_1 * g)), load(a.weights + i)));
  }
}
