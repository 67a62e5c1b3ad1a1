#include "exec/image.h"

#include <algorithm>

#include "base/error.h"
#include "base/integers.h"
#include "base/memory.h"
#include "cpu/cpu.h"
#include "threads/pool.h"

namespace galago {
namespace {

// A tile of 16 rows of 2,048 numbers, with the rows and columns around it, stays in L2.
constexpr int64_t kTileRows = 16, kTileNumbers = 2048;

// Where a place outside comes from: 0 1 2 3 goes on as 2 1 0 on the right, as 3 2 1 on the left.
int64_t reflected(int64_t place, int64_t size) {
  if (place < 0) return -place;
  return place < size ? place : 2 * (size - 1) - place;
}

// The windows along one axis must lie on the picture, or as far outside as its border tells.
void require_room(Border border, int64_t before, int64_t size, int64_t outputs, int64_t stride, int64_t window) {
  const int64_t after = checked_add(checked_multiply(outputs - 1, stride), window) - before - size;
  const int64_t most = border == Border::none ? 0 : border == Border::zero ? window - 1 : size - 1;
  if (outputs < 1 || window < 1 || stride < 1 || before < 0 || before > most || after > most)
    throw EngineError("the windows reach further outside of the picture than its border.");
}

template <class T>
class Tiles {
 public:
  Tiles(const Kernels<T>& kernels, const ImageFilter& filter)
      : kernels_(kernels),
        f_(filter),
        rows_(std::max<int64_t>(1, kTileRows / f_.stride_rows)),
        cols_(std::max<int64_t>(1, kTileNumbers / (f_.channels * f_.stride_cols))),
        lines_((rows_ - 1) * f_.stride_rows + f_.window_rows),
        line_(padded(((cols_ - 1) * f_.stride_cols + f_.window_cols) * f_.channels) + kBlock),
        result_(padded(((cols_ - 1) * f_.stride_cols + 1) * f_.channels)),
        weights_(f_.weights.begin(), f_.weights.end()) {
    for (int64_t row = 0; row < f_.window_rows; row++)
      for (int64_t col = 0; col < f_.window_cols; col++) taps_.push_back(row * line_ + col * f_.channels);
  }

  void run() {
    const int threads = Pool::size();
    const int64_t each = checked_multiply(lines_, line_) + rows_ * result_;
    const Memory memory(checked_multiply(checked_multiply(each, threads), sizeof(T)));
    const int64_t across = divide_up(f_.out_cols, cols_);
    Pool::run(threads, across * divide_up(f_.out_rows, rows_), [&](int64_t task, int worker) {
      tile(task / across * rows_, task % across * cols_, memory.as<T>() + worker * each);
    });
  }

 private:
  // The outputs from (row, col) on.
  void tile(int64_t row, int64_t col, T* lines) const {
    const int64_t rows = std::min(rows_, f_.out_rows - row), cols = std::min(cols_, f_.out_cols - col);
    const int64_t pixels = (cols - 1) * f_.stride_cols + f_.window_cols;
    for (int64_t i = 0; i < (rows - 1) * f_.stride_rows + f_.window_rows; i++)
      load_line(row * f_.stride_rows - f_.top + i, col * f_.stride_cols - f_.left, pixels, lines + i * line_);

    WindowArgs<T> a{};
    a.kind = f_.kind;
    a.src = lines;
    a.src_row = line_ * f_.stride_rows;
    a.taps = taps_.data();
    a.weights = weights_.data();
    a.tap_count = static_cast<int64_t>(taps_.size());
    a.scale = static_cast<T>(f_.scale);
    a.divide = f_.divide;
    a.low = static_cast<T>(f_.low);
    a.high = static_cast<T>(f_.high);
    a.dst = lines + lines_ * line_;
    a.dst_row = result_;
    a.rows = rows;
    a.cols = ((cols - 1) * f_.stride_cols + 1) * f_.channels;
    kernels_.filter_rows(a);

    const int64_t size = f_.bytes ? 1 : sizeof(T);
    for (int64_t i = 0; i < rows; i++) {
      char* dst = static_cast<char*>(f_.dst) + ((row + i) * f_.dst_row + col * f_.channels) * size;
      kernels_.store_pixels({a.dst + i * result_, f_.channels, f_.stride_cols, cols, dst, f_.bytes});
    }
  }

  // Pixels [col, col + pixels) of a row, of which some, or all, may lie outside.
  void load_line(int64_t row, int64_t col, int64_t pixels, T* dst) const {
    if (row < 0 || row >= f_.rows) {
      if (f_.border == Border::zero) return std::fill(dst, dst + pixels * f_.channels, T(0));
      row = reflected(row, f_.rows);
    }
    const int64_t first = std::clamp<int64_t>(-col, 0, pixels),
                  last = std::clamp<int64_t>(f_.cols - col, first, pixels);
    load(row, col + first, last - first, dst + first * f_.channels);
    for (int64_t i = 0; i < first; i++) outside(row, col + i, dst + i * f_.channels);
    for (int64_t i = last; i < pixels; i++) outside(row, col + i, dst + i * f_.channels);
  }
  void outside(int64_t row, int64_t col, T* dst) const {
    if (f_.border == Border::zero) std::fill(dst, dst + f_.channels, T(0));
    else load(row, reflected(col, f_.cols), 1, dst);
  }
  void load(int64_t row, int64_t col, int64_t pixels, T* dst) const {
    const int64_t size = f_.type == InputType::u8 ? 1 : f_.type == InputType::f32 ? 4 : 8;
    const int32_t count = narrow(pixels * f_.channels);
    LoadArgs<T> a{};
    a.src = static_cast<const char*>(f_.src) + (row * f_.cols + col) * f_.channels * size;
    a.type = f_.type;
    a.dst = dst;
    a.dst_col = 1;
    a.rows = 1;
    a.cols = a.src_cols = count;
    a.channels = 1;
    kernels_.load_input(a);
  }

  const Kernels<T>& kernels_;
  const ImageFilter& f_;
  const int64_t rows_, cols_;   // outputs of a tile
  const int64_t lines_, line_;  // rows of the picture that it reads, numbers of each
  const int64_t result_;        // numbers of a row of results
  const std::vector<T> weights_;
  std::vector<int64_t> taps_;
};

}  // namespace

template <class T>
void filter_image(const Kernels<T>& kernels, const ImageFilter& f) {
  require_room(f.border, f.top, f.rows, f.out_rows, f.stride_rows, f.window_rows);
  require_room(f.border, f.left, f.cols, f.out_cols, f.stride_cols, f.window_cols);
  const FloatingPointScope environment;
  Tiles<T>(kernels, f).run();
}

template void filter_image(const Kernels<float>&, const ImageFilter&);
template void filter_image(const Kernels<double>&, const ImageFilter&);

}  // namespace galago
