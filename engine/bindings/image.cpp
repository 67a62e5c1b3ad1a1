// Picture filters for Python: arrays are read and written where they lie.
#include "exec/image.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "base/integers.h"
#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/lookup.h"
#include "bindings/working.h"
#include "cpu/cpu.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace galago {
namespace {

// Rows may lie apart, what is in a row may not.
using Picture = nb::ndarray<nb::ndim<3>, nb::device::cpu>;
using Pair = std::pair<int64_t, int64_t>;

const char* const border_names[] = {"valid", "zero", "reflect"};
const char* const kind_names[] = {"sum", "maximum", "minimum"};
constexpr Merge kinds[] = {Merge::add, Merge::maximum, Merge::minimum};

void set_source(ImageFilter& f, const Array& src) {
  if (src.ndim() != 3 || src.size() == 0) throw EngineError("src must have pixels: rows, columns and channels.");
  f.src = src.data();
  f.type = type_of(src.dtype(), "src");
  f.rows = static_cast<int64_t>(src.shape(0));
  f.cols = static_cast<int64_t>(src.shape(1));
  f.channels = static_cast<int64_t>(src.shape(2));
}

void set_target(ImageFilter& f, const Picture& dst) {
  f.bytes = dst.dtype() == nb::dtype<uint8_t>();
  const bool fits = f.bytes || dst.dtype() == (f.type == InputType::f64 ? nb::dtype<double>() : nb::dtype<float>());
  if (!fits) throw EngineError("dst must be uint8, or float64 where src is, or else float32.");
  f.dst = dst.data();
  f.out_rows = static_cast<int64_t>(dst.shape(0));
  f.out_cols = static_cast<int64_t>(dst.shape(1));
  f.dst_row = dst.stride(0);
  if (static_cast<int64_t>(dst.shape(2)) != f.channels || dst.stride(2) != 1 || dst.stride(1) != f.channels ||
      f.dst_row < f.out_cols * f.channels)
    throw EngineError("dst must have the channels of src, and its pixels side by side.");
}

void set_window(ImageFilter& f, const std::string& kind, Pair window, std::vector<double> weights) {
  f.kind = kinds[lookup(kind_names, kind, "kind")];
  f.window_rows = window.first;
  f.window_cols = window.second;
  const int64_t taps = checked_multiply(window.first, window.second);
  if (window.first < 1 || window.second < 1 || (f.kind == Merge::add && static_cast<int64_t>(weights.size()) != taps))
    throw EngineError("a sum must have a weight for each place of its window.");
  f.weights = std::move(weights);
}

}  // namespace

void init_image(nb::module_& m) {
  m.def(
      "filter_image",
      [](const Array& src, const Picture& dst, const std::string& kind, Pair window, std::vector<double> weights,
         const std::string& border, Pair before, Pair strides, double scale, bool divide,
         std::pair<double, double> limits, const std::string& isa) {
        ImageFilter f{};
        set_source(f, src);
        set_target(f, dst);
        set_window(f, kind, window, std::move(weights));
        f.border = static_cast<Border>(lookup(border_names, border, "border"));
        std::tie(f.top, f.left) = before;
        std::tie(f.stride_rows, f.stride_cols) = strides;
        std::tie(f.low, f.high) = limits;
        f.scale = scale;
        f.divide = divide;
        const KernelTable& table = kernel_table(isa);
        const Working working;
        if (f.type == InputType::f64) filter_image(kernels_of<double>(table), f);
        else filter_image(kernels_of<float>(table), f);
      },
      "src"_a.noconvert(), "dst"_a.noconvert(), "kind"_a, "window"_a, "weights"_a, "border"_a, "before"_a, "strides"_a,
      "scale"_a, "divide"_a, "limits"_a, "isa"_a);
}

}  // namespace galago
