// The reference kernels as a table: plain loops that say what every kernel means. Tests compare the others with them.
#include "kernels/table.h"

#include <algorithm>
#include <cmath>

#include "kernels/reference/activation.h"
#include "kernels/reference/avgpool.h"
#include "kernels/reference/batch_norm.h"
#include "kernels/reference/batch_norm_backward.h"
#include "kernels/reference/conv.h"
#include "kernels/reference/conv_backward.h"
#include "kernels/reference/conv_pooled_backward.h"
#include "kernels/reference/copy_map.h"
#include "kernels/reference/dense.h"
#include "kernels/reference/depthwise.h"
#include "kernels/reference/dropout.h"
#include "kernels/reference/filter_rows.h"
#include "kernels/reference/layer_norm.h"
#include "kernels/reference/load_input.h"
#include "kernels/reference/loss.h"
#include "kernels/reference/maxpool.h"
#include "kernels/reference/merge_maps.h"
#include "kernels/reference/noise.h"
#include "kernels/reference/pack.h"
#include "kernels/reference/pack_winograd.h"
#include "kernels/reference/reorder.h"
#include "kernels/reference/resize.h"
#include "kernels/reference/softmax.h"
#include "kernels/reference/tone.h"
#include "kernels/reference/update.h"
#include "kernels/reference/update_others.h"
#include "kernels/reference/update_steps.h"
#include "kernels/reference/warp.h"
#include "kernels/reference/winograd.h"

namespace galago {
namespace reference {

int64_t spin(int64_t rounds, float* sink) {
  float sum = *sink;
  for (int64_t i = 0; i < rounds; i++) sum = std::fma(sum, 0.5f, 1.0f);
  *sink = sum;
  return rounds;
}

}  // namespace reference

const KernelTable& reference_kernels();
const KernelTable& reference_kernels() {
  static const KernelTable table = {
      "reference",
      &reference::spin,
      {
#define KERNEL(name, Args) &reference::name<float>,
#include "kernels/kernels.def"
#undef KERNEL
      },
      {
#define KERNEL(name, Args) &reference::name<double>,
#include "kernels/kernels.def"
#undef KERNEL
      },
  };
  return table;
}

}  // namespace galago
