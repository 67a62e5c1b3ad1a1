// How parameters lie in the engine's memory.
#include "base/integers.h"
#include "plan/plan.h"

namespace galago {

std::vector<ParameterPlan> plan_parameters(const Graph& graph, const std::vector<Unit>& units) {
  std::vector<ParameterPlan> plans(graph.parameters.size());
  int64_t sharded = 0, batch = 0;
  const auto place = [&](ParameterPlan& p) {
    int64_t& end = p.sharded ? sharded : batch;
    p.offset = end;
    end = checked_add(end, padded(p.elements));
  };
  for (const Unit& u : units) {
    if (u.kernel < 0) continue;
    ParameterPlan& kernel = plans[u.kernel];
    kernel.sharded = u.kind != UnitKind::dense;
    kernel.groups = u.groups;
    kernel.taps = u.kind == UnitKind::dense ? 1 : u.window.rows * u.window.cols;
    kernel.inputs = u.in.channels / u.groups;
    kernel.outputs = u.out.channels / u.groups;
    kernel.layout = u.kind == UnitKind::dense                  ? WeightLayout::dense
                    : u.kind == UnitKind::conv_pool && !u.thin ? WeightLayout::ohwi
                                                               : WeightLayout::hwio;
    const int64_t row = kernel.layout == WeightLayout::ohwi ? kernel.outputs * padded(kernel.inputs)
                                                            : kernel.inputs * padded(kernel.outputs);
    kernel.elements = checked_multiply(kernel.groups * kernel.taps, row);
    place(kernel);
    if (u.bias < 0) continue;
    ParameterPlan& bias = plans[u.bias];
    bias.sharded = kernel.sharded;
    bias.outputs = u.out.channels;
    bias.elements = padded(u.out.channels) + kBlock;  // a group's last block may be read past the end
    place(bias);
  }
  return plans;
}

}  // namespace galago
