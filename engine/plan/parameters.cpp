// How parameters lie in the engine's memory.
#include "base/integers.h"
#include "plan/plan.h"

namespace galago {
namespace {

WeightLayout layout_of(const Unit& u) {
  if (u.kind == UnitKind::dense) return WeightLayout::dense;
  return u.kind == UnitKind::conv_pool && !u.thin ? WeightLayout::ohwi : WeightLayout::hwio;
}

}  // namespace

std::vector<ParameterPlan> plan_parameters(const Graph& graph) {
  const std::vector<Unit> units = make_units(graph, Mode::train).all;
  std::vector<ParameterPlan> plans(graph.parameters.size());
  for (size_t i = 0; i < plans.size(); i++) {
    plans[i].original = graph.parameters[i].original;
    plans[i].before = graph.parameters[i].before;
  }
  int64_t sharded = 0, batch = 0;
  const auto place = [&](ParameterPlan& p) {
    int64_t& end = p.sharded ? sharded : batch;
    p.offset = end;
    end = checked_add(end, padded(p.elements));
  };
  const auto place_vector = [&](int index, bool by_groups, int64_t size) {
    if (index < 0) return;
    ParameterPlan& p = plans[index];
    p.sharded = by_groups;
    p.outputs = size;
    p.elements = padded(size) + kBlock;  // a group's last block may be read past the end
    place(p);
  };
  for (const Unit& u : units) {
    for (int p : u.weights) place_vector(p, false, graph.parameters[static_cast<size_t>(p)].size());
    for (int p : {u.gamma, u.beta, u.mean, u.variance}) place_vector(p, false, u.out.channels);
    for (int p : {u.mean, u.variance})
      if (p >= 0) plans[p].statistic = true;
    if (u.kind == UnitKind::layer_norm)
      for (int p : {u.kernel, u.bias}) place_vector(p, true, u.out.channels);
    if (u.kernel < 0 || u.kind == UnitKind::layer_norm) continue;
    ParameterPlan& kernel = plans[u.kernel];
    // Depthwise weights lie as those of a convolution with one input channel: [tap][output].
    const bool depthwise = u.kind == UnitKind::depthwise;
    kernel.layout = layout_of(u);
    kernel.transposed = u.transposed;
    kernel.sharded = u.kind != UnitKind::dense;
    kernel.groups = depthwise ? 1 : u.groups;
    kernel.taps = u.kind == UnitKind::dense ? 1 : u.window.rows * u.window.cols;
    kernel.inputs = u.in.channels / u.groups;
    kernel.outputs = u.out.channels / kernel.groups;
    const int64_t row = kernel.layout == WeightLayout::ohwi ? kernel.outputs * padded(kernel.inputs)
                                                            : kernel.inputs * padded(kernel.outputs);
    kernel.elements = checked_multiply(kernel.groups * kernel.taps, row);
    place(kernel);
    place_vector(u.bias, kernel.sharded, u.out.channels);
  }
  return plans;
}

}  // namespace galago
