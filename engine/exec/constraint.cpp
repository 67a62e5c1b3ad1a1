#include "exec/constraint.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace galago {
namespace {

constexpr double kKerasEpsilon = 1e-7;

// Which norm each element belongs to: those of equal place on all other axes share one.
struct Norms {
  std::vector<size_t> of{0};
  size_t count = 1;
};

Norms norms_of(const std::vector<int64_t>& shape, const std::vector<int64_t>& axes) {
  Norms norms;
  for (size_t axis = 0; axis < shape.size(); axis++) {
    const bool summed = std::find(axes.begin(), axes.end(), static_cast<int64_t>(axis)) != axes.end();
    const size_t size = static_cast<size_t>(shape[axis]);
    std::vector<size_t> next;
    next.reserve(norms.of.size() * size);
    for (size_t norm : norms.of)
      for (size_t i = 0; i < size; i++) next.push_back(summed ? norm : norm * size + i);
    norms.of = std::move(next);
    if (!summed) norms.count *= size;
  }
  return norms;
}

// A sum of squares is a chain in row-major order, in double.
template <class T>
void limit_norms(const Constraint& c, const std::vector<int64_t>& shape, T* weights) {
  const Norms norms = norms_of(shape, c.axes);
  std::vector<double> factors(norms.count);
  for (size_t i = 0; i < norms.of.size(); i++) {
    const double w = static_cast<double>(weights[i]);
    factors[norms.of[i]] += w * w;
  }
  for (double& factor : factors) {
    const double norm = std::sqrt(factor);
    const double wanted = norm < c.low ? c.low : norm > c.high ? c.high : norm;
    factor = (c.rate * wanted + (1 - c.rate) * norm) / (kKerasEpsilon + norm);
  }
  for (size_t i = 0; i < norms.of.size(); i++)
    weights[i] = static_cast<T>(static_cast<double>(weights[i]) * factors[norms.of[i]]);
}

}  // namespace

template <class T>
void constrain(const Constraint& constraint, const std::vector<int64_t>& shape, T* weights) {
  if (constraint.kind == Constraint::Kind::norm) return limit_norms(constraint, shape, weights);
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  for (int64_t i = 0; i < count; i++)
    if (weights[i] < 0) weights[i] = 0;
}

template void constrain<float>(const Constraint&, const std::vector<int64_t>&, float*);
template void constrain<double>(const Constraint&, const std::vector<int64_t>&, double*);

}  // namespace galago
