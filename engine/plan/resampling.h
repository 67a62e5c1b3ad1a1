// Which positions of a map, and how much of each, those of a resized one are made of.
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/args_images.h"
#include "plan/graph.h"

namespace galago {

// One axis: see AxisWeights.
struct AxisTable {
  std::vector<int32_t> first, starts;
  std::vector<double> weights, outside;
  AxisWeights view() const { return {first.data(), starts.data(), weights.data(), outside.data()}; }
};

// Of `size` positions those from `start` on, `extent` of them, become `count`. Positions outside of the axis are there
// as a share alone.
AxisTable resize_table(const Resizing& how, int64_t size, int64_t start, int64_t extent, int64_t count);

// The way back: which outputs each of `size` inputs went to.
AxisTable transposed(const AxisTable& table, int64_t size);

}  // namespace galago
