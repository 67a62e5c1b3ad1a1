#include "plan/work.h"

#include "base/integers.h"

namespace galago {
namespace {

double multiply_adds(const Plan& plan, const Step& step) {
  const Unit& u = plan.units[static_cast<size_t>(step.unit)];
  const auto count = [](int64_t n) { return static_cast<double>(n); };
  const double products = count(u.window.rows * u.window.cols * (u.in.channels / u.groups));  // of one output
  switch (step.kernel) {
    case KernelId::conv_winograd_relu_maxpool_forward:
    case KernelId::conv_winograd_forward:
    case KernelId::conv_winograd_backward_input:
    case KernelId::conv_winograd_backward_weights: {
      const WinogradTiles tiles = winograd_tiles(u, step.kernel);
      return count(tiles.count() * winograd_points(tiles.size, tiles.taps)) * count(u.in.channels * u.out.channels);
    }
    case KernelId::conv_relu_maxpool_forward: return count(u.conv_out.size()) * products;
    case KernelId::conv_relu_maxpool_backward_weights:
    case KernelId::conv_relu_maxpool_backward_weights_thin:
    case KernelId::conv_relu_maxpool_backward_input:
    case KernelId::conv_forward:
    case KernelId::conv_backward_weights:
    case KernelId::conv_backward_input:
    case KernelId::depthwise_forward:
    case KernelId::depthwise_backward_weights:
    case KernelId::depthwise_backward_input: return count(u.out.size()) * products;
    case KernelId::dense_forward:
    case KernelId::dense_backward_weights:
    case KernelId::dense_backward_input: return count(u.in.size()) * count(u.out.channels);
    default: return 0;
  }
}

}  // namespace

bool counts_winners(KernelId kernel) {
  return kernel == KernelId::conv_relu_maxpool_backward_weights ||
         kernel == KernelId::conv_relu_maxpool_backward_weights_thin ||
         kernel == KernelId::conv_relu_maxpool_backward_input;
}

Work work_of(const Plan& plan, const Step& step, int64_t element_bytes) {
  Work work;
  work.multiply_adds = multiply_adds(plan, step);
  for (int t : step.tensors()) {
    if (t < 0) continue;
    const Tensor& tensor = plan.tensors[static_cast<size_t>(t)];
    work.bytes += static_cast<double>(tensor.elements() * (tensor.winners ? 2 : element_bytes));
  }
  const Unit& u = plan.units[static_cast<size_t>(step.unit)];
  int64_t weights = 0;
  if (step.pack >= 0) weights = plan.packs[static_cast<size_t>(step.pack)].elements;
  else if (u.kernel >= 0) weights = plan.parameters[static_cast<size_t>(u.kernel)].elements;
  work.weight_bytes = static_cast<double>(weights * element_bytes);
  return work;
}

}  // namespace galago
