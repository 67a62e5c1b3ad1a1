// Optimizers besides SGD and Adam, one weight at a time.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/reference/sign.h"
#include "kernels/reference/update.h"

namespace galago::reference {

template <class T>
void rmsprop_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& v = a.first[i];
    v = without_dust(std::fma(a.decay_1, v, a.rest_1 * (g * g)));
    T variance = v;
    if (a.third) {
      T& mean = a.third[i];
      mean = without_dust(std::fma(a.decay_1, mean, a.rest_1 * g));
      variance = std::fma(-mean, mean, v);
      if (variance < 0) variance = 0;
    }
    T s = a.rate * g / std::sqrt(variance + a.epsilon);
    if (a.second) a.second[i] = s = without_dust(std::fma(a.momentum, a.second[i], s));
    a.weights[i] -= s;
  }
}

template <class T>
void adagrad_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& v = a.first[i];
    v = without_dust(std::fma(g, g, v));
    a.weights[i] -= a.rate * g / std::sqrt(v + a.epsilon);
  }
}

template <class T>
void adadelta_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& v = a.first[i];
    T& d = a.second[i];
    v = without_dust(std::fma(a.decay_1, v, a.rest_1 * (g * g)));
    const T s = std::sqrt(d + a.epsilon) * g / std::sqrt(v + a.epsilon);
    d = without_dust(std::fma(a.decay_1, d, a.rest_1 * (s * s)));
    a.weights[i] = std::fma(-a.rate, s, a.weights[i]);
  }
}

template <class T>
void adamax_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& m = a.first[i];
    T& u = a.second[i];
    m = without_dust(std::fma(g - m, a.rest_1, m));
    u = without_dust(larger_or_nan(a.decay_2 * u, std::fabs(g)));
    a.weights[i] -= a.rate * m / (u + a.epsilon);
  }
}

template <class T>
void nadam_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& m = a.first[i];
    T& v = a.second[i];
    m = without_dust(std::fma(g - m, a.rest_1, m));
    v = without_dust(std::fma(std::fma(g, g, -v), a.rest_2, v));
    const T ahead = std::fma(a.of_moment, m, a.of_gradient * g);
    a.weights[i] -= a.rate * ahead / (std::sqrt(a.of_velocity * v) + a.epsilon);
  }
}

template <class T>
void lion_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& m = a.first[i];
    a.weights[i] = std::fma(-a.rate, sign(std::fma(a.decay_1, m, a.rest_1 * g)), a.weights[i]);
    m = without_dust(std::fma(a.decay_2, m, a.rest_2 * g));
  }
}

}  // namespace galago::reference
