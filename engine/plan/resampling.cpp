#include "plan/resampling.h"

#include <algorithm>
#include <cmath>

#include "base/turns.h"

namespace galago {
namespace {

// What a source at this distance counts, before the weights of a position are divided by their sum.
double triangle(double x) { return std::max(0.0, 1 - x); }
// Keys, "Cubic convolution interpolation for digital image processing", 1981; as TensorFlow and JAX have it.
double cubic(double x) {
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}
double lanczos(double x, double radius) {
  constexpr double pi_squared = 9.869604401089358;
  if (x >= radius) return 0;
  return x == 0 ? 1 : radius * sine_of_turns(x / 2) * sine_of_turns(x / radius / 2) / (pi_squared * x * x);
}

double radius_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::nearest: return 0;
    case Interpolation::bilinear: return 1;
    case Interpolation::bicubic: return 2;
    case Interpolation::lanczos3: return 3;
    case Interpolation::lanczos5: return 5;
  }
  return 0;
}

double weight_at(Interpolation interpolation, double distance) {
  switch (interpolation) {
    case Interpolation::nearest: return 1;
    case Interpolation::bilinear: return triangle(distance);
    case Interpolation::bicubic: return cubic(distance);
    case Interpolation::lanczos3:
    case Interpolation::lanczos5: return lanczos(distance, radius_of(interpolation));
  }
  return 0;
}

}  // namespace

// Centres lie half a position from the edges. Weights that would fall outside of the stretched part are left out, and
// the others make up for them.
AxisTable resize_table(const Resizing& how, int64_t size, int64_t start, int64_t extent, int64_t count) {
  AxisTable table;
  table.starts.push_back(0);
  const double step = static_cast<double>(extent) / static_cast<double>(count);
  const double widening = how.antialias ? std::max(step, 1.0) : 1;
  const double reach = radius_of(how.interpolation) * widening;
  for (int64_t i = 0; i < count; i++) {
    // Exact where halves are: of an even number of positions a cut lies between two.
    const int64_t nearest = (2 * i + 1) * extent / (2 * count);
    const double centre = (static_cast<double>(i) + 0.5) * step - 0.5;
    int64_t low = nearest, high = nearest;
    if (how.interpolation != Interpolation::nearest) {
      low = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - reach)));
      high = std::min(extent - 1, static_cast<int64_t>(std::floor(centre + reach)));
    }
    std::vector<double> weights;
    for (int64_t k = low; k <= high; k++)
      weights.push_back(weight_at(how.interpolation, std::fabs(centre - static_cast<double>(k)) / widening));
    double sum = 0, outside = 0;
    for (double w : weights) sum += w;
    int64_t first = -1, last = -2;  // inside of the axis, and not 0
    for (int64_t k = low; k <= high; k++) {
      double& w = weights[static_cast<size_t>(k - low)];
      w /= sum;
      if (start + k < 0 || start + k >= size) outside += w;
      else if (w != 0) {
        first = first < 0 ? k : first;
        last = k;
      }
    }
    for (int64_t k = first; k <= last; k++) table.weights.push_back(weights[static_cast<size_t>(k - low)]);
    table.first.push_back(static_cast<int32_t>(first < 0 ? 0 : start + first));
    table.starts.push_back(static_cast<int32_t>(table.weights.size()));
    table.outside.push_back(outside);
  }
  return table;
}

AxisTable transposed(const AxisTable& table, int64_t size) {
  const auto count = static_cast<int32_t>(table.first.size());
  std::vector<std::vector<double>> weights(static_cast<size_t>(size));
  AxisTable back;
  back.first.assign(static_cast<size_t>(size), 0);
  back.outside.assign(static_cast<size_t>(size), 0);
  for (int32_t i = 0; i < count; i++)
    for (int32_t k = table.starts[i]; k < table.starts[i + 1]; k++) {
      const auto place = static_cast<size_t>(table.first[i] + k - table.starts[i]);
      std::vector<double>& own = weights[place];
      if (own.empty()) back.first[place] = i;
      own.resize(static_cast<size_t>(i - back.first[place]) + 1);
      own.back() = table.weights[k];
    }
  back.starts.push_back(0);
  for (const std::vector<double>& own : weights) {
    back.weights.insert(back.weights.end(), own.begin(), own.end());
    back.starts.push_back(static_cast<int32_t>(back.weights.size()));
  }
  return back;
}

}  // namespace galago
