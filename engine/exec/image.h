// Filters and pools of whole pictures, which no model needs: the user's numbers in, the user's numbers out.
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/table.h"

namespace galago {

enum class Border : int32_t { none, zero, reflect };  // what lies outside of a picture

// A picture (rows, cols, channels) and what is made of each window of each of its channels.
struct ImageFilter {
  const void* src;
  InputType type;
  int64_t rows, cols, channels;
  Border border;
  int64_t top, left;  // rows and columns outside that the first window takes in
  Merge kind;
  int64_t window_rows, window_cols;
  std::vector<double> weights;  // of a sum, row by row
  double scale;
  bool divide;
  double low, high;
  int64_t stride_rows, stride_cols;
  void* dst;
  bool bytes;
  int64_t out_rows, out_cols, dst_row;  // dst_row: elements from one row to the next
};

// Computes in T; results are T or bytes. Throws EngineError where windows leave the picture and its border.
template <class T>
void filter_image(const Kernels<T>& kernels, const ImageFilter& filter);

}  // namespace galago
