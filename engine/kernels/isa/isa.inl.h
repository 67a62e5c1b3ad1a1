// The body of every ISA file: the generic kernels over that ISA's vectors, and the table that names them.
//
// All of it has internal linkage. An inline function that the linker could merge across ISA files would crash CPUs that
// lack the ISA it happened to come from; hence no library header but the intrinsics, and tests count the symbols.
#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define INLINE inline __attribute__((always_inline))
// A loop over a tile, whose bound is a constant: unrolled, or its accumulators could not stay in registers.
#define EACH(i, n) _Pragma("GCC unroll 24") for (int i = 0; i < (n); i++)

namespace galago {
namespace {

#include ISA_VECTORS

#include "kernels/vec/block.h"
#include "kernels/vec/tile.h"
#include "kernels/vec/bits.h"
#include "kernels/vec/flags.h"
#include "kernels/vec/transpose.h"
#include "kernels/vec/chosen.h"
#include "kernels/vec/offsets.h"
#include "kernels/vec/math_coefficients.h"
#include "kernels/vec/math.h"
#include "kernels/generic/load_input.inl.h"
#include "kernels/generic/copy_map.inl.h"
#include "kernels/generic/columns.inl.h"
#include "kernels/generic/multiply.inl.h"
#include "kernels/generic/sign.inl.h"
#include "kernels/generic/maxpool_epilogue.inl.h"
#include "kernels/generic/scale_and_shift.inl.h"
#include "kernels/generic/conv_thin.inl.h"
#include "kernels/generic/conv_forward.inl.h"
#include "kernels/generic/conv_relu_maxpool_forward_3x3.inl.h"
#include "kernels/generic/conv_relu_maxpool_forward.inl.h"
#include "kernels/generic/conv_winograd.inl.h"
#include "kernels/generic/winners.inl.h"
#include "kernels/generic/conv_relu_maxpool_backward_weights.inl.h"
#include "kernels/generic/conv_relu_maxpool_backward_weights_thin.inl.h"
#include "kernels/generic/conv_relu_maxpool_backward_input.inl.h"
#include "kernels/generic/conv_backward.inl.h"
#include "kernels/generic/conv_winograd_backward_weights.inl.h"
#include "kernels/generic/depthwise.inl.h"
#include "kernels/generic/merge_maps.inl.h"
#include "kernels/generic/reorder.inl.h"
#include "kernels/generic/resize.inl.h"
#include "kernels/generic/warp.inl.h"
#include "kernels/generic/tone.inl.h"
#include "kernels/generic/filter_rows.inl.h"
#include "kernels/generic/dropout.inl.h"
#include "kernels/generic/noise.inl.h"
#include "kernels/generic/layer_norm.inl.h"
#include "kernels/generic/batch_norm.inl.h"
#include "kernels/generic/batch_norm_backward.inl.h"
#include "kernels/generic/pool_window.inl.h"
#include "kernels/generic/maxpool.inl.h"
#include "kernels/generic/avgpool.inl.h"
#include "kernels/generic/activation_functions.inl.h"
#include "kernels/generic/activation.inl.h"
#include "kernels/generic/softmax.inl.h"
#include "kernels/generic/dense.inl.h"
#include "kernels/generic/loss_functions.inl.h"
#include "kernels/generic/loss_elementwise.inl.h"
#include "kernels/generic/loss_focal.inl.h"
#include "kernels/generic/loss_of_vectors.inl.h"
#include "kernels/generic/loss.inl.h"
#include "kernels/generic/update.inl.h"
#include "kernels/generic/update_others.inl.h"
#include "kernels/generic/update_steps.inl.h"
#include "kernels/generic/pack.inl.h"
#include "kernels/generic/pack_winograd.inl.h"
#include "kernels/generic/spin.inl.h"

}  // namespace

extern const KernelTable& ISA_TABLE();
const KernelTable& ISA_TABLE() {
  static const KernelTable table = {
      ISA_NAME,
      &spin,
      {
#define KERNEL(name, Args) &name<float>,
#include "kernels/kernels.def"
#undef KERNEL
      },
      {
#define KERNEL(name, Args) &name<double>,
#include "kernels/kernels.def"
#undef KERNEL
      },
  };
  return table;
}

}  // namespace galago
