#include "exec/sums.h"

#include <algorithm>
#include <array>

#include "base/integers.h"
#include "threads/pool.h"

namespace galago {
namespace {

// Elements of a piece, about.
constexpr int64_t kPiece = 8192;

template <class T>
struct Lanes {
  std::array<T, kBlock> magnitudes, squares;
};

// Whole rows of one parameter.
struct Piece {
  size_t parameter;
  int64_t first, rows;
};

}  // namespace

template <class T>
std::vector<Sums> sum_parameters(const Kernels<T>& kernels, const std::vector<Summand<T>>& parameters) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < parameters.size(); i++) {
    const ParameterPlan& p = *parameters[i].plan;
    const int64_t rows = std::max<int64_t>(1, kPiece / padded(p.row_used()));
    for (int64_t first = 0; first < p.rows(); first += rows)
      pieces.push_back({i, first, std::min(rows, p.rows() - first)});
  }
  std::vector<Lanes<T>> found(pieces.size());
  Pool::run(Pool::size(), static_cast<int64_t>(pieces.size()), [&](int64_t task, int) {
    const Piece& piece = pieces[static_cast<size_t>(task)];
    Lanes<T>& lanes = found[static_cast<size_t>(task)];
    const int64_t used = parameters[piece.parameter].plan->row_used(), row = padded(used);
    kernels.sum_magnitudes({parameters[piece.parameter].values + piece.first * row, piece.rows, row, used,
                            lanes.magnitudes.data(), lanes.squares.data()});
  });
  std::vector<Sums> sums(parameters.size());
  for (size_t i = 0; i < pieces.size(); i++)
    for (size_t lane = 0; lane < kBlock; lane++) {
      sums[pieces[i].parameter].magnitudes += static_cast<double>(found[i].magnitudes[lane]);
      sums[pieces[i].parameter].squares += static_cast<double>(found[i].squares[lane]);
    }
  return sums;
}

template std::vector<Sums> sum_parameters<float>(const Kernels<float>&, const std::vector<Summand<float>>&);
template std::vector<Sums> sum_parameters<double>(const Kernels<double>&, const std::vector<Summand<double>>&);

}  // namespace galago
