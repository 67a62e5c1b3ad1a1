#include <sstream>

#include "plan/plan.h"

namespace galago {
namespace {

std::string text(const Shape& s) {
  if (s.is_vector()) return std::to_string(s.channels);
  return std::to_string(s.rows) + "x" + std::to_string(s.cols) + "x" + std::to_string(s.channels);
}

std::string text(const Tensor& t) {
  if (t.winners) return t.name + "[" + std::to_string(t.winner_count) + (t.scratch ? " scratch]" : "]");
  std::string s = t.name + "[" + text(t.shape);
  if (t.top + t.bottom + t.left + t.right)
    s += " halo " + std::to_string(t.top) + "," + std::to_string(t.bottom) + "," + std::to_string(t.left) + "," +
         std::to_string(t.right);
  return s + (t.scratch ? " scratch]" : "]");
}

// As the literature has it: outputs of a tile, then taps.
std::string text(const WinogradTiles& tiles) {
  const auto square = [](int32_t n) { return std::to_string(n) + "x" + std::to_string(n); };
  return tiles.size > 0 ? " F(" + square(tiles.size) + "," + square(tiles.taps) + ")" : "";
}

const char* scope_name(Scope scope) {
  switch (scope) {
    case Scope::weights: return "weights";
    case Scope::images: return "images";
    case Scope::batch: return "batch";
  }
  return "";
}

}  // namespace

// One line a step: the kernel, the unit, and the buffers it reads -> the buffers it writes.
std::string print(const Plan& plan) {
  std::ostringstream out;
  for (const Stage& stage : plan.stages) {
    out << "stage " << scope_name(stage.scope) << (stage.shards ? " in shards" : "") << (stage.rows ? " by rows" : "");
    if (stage.chains.size() > 1) out << ", " << stage.chains.size() << " chains";
    out << "\n";
    if (stage.scope == Scope::weights)
      for (const Pack& pack : plan.packs)
        out << "  " << kernel_name(pack.kernel) << " " << plan.units[pack.unit].name << " [" << pack.elements << "]\n";
    for (int i : stage.steps) {
      const Step& step = plan.steps[i];
      out << "  " << kernel_name(step.kernel) << " " << plan.units[step.unit].name
          << text(winograd_tiles(plan.units[step.unit], step.kernel)) << ":";
      const bool backward = step.grad >= 0;
      const bool finds =
          step.kernel == KernelId::batch_norm_moments || step.kernel == KernelId::batch_norm_backward_sums;
      const auto list = [&](const std::vector<int>& tensors) {
        for (int t : tensors)
          if (t >= 0) out << " " << text(plan.tensors[t]);
      };
      list(step.sources);
      list({step.src, finds ? -1 : step.other, step.out != step.src ? step.out : -1, backward ? step.winners : -1,
            step.grad});
      out << " ->";
      list({step.dst, finds ? step.other : -1, backward ? -1 : step.winners, step.grad_src});
      list(step.grad_sources);
      const bool hosted = step.kernel == KernelId::host_backward && !plan.units[step.unit].weights.empty();
      if (hosted || writes_weights(step.kernel) || step.kernel == KernelId::batch_norm_backward_parameters)
        out << " weights";
      if (step.kernel == KernelId::batch_norm_statistics) out << " statistics";
      out << "\n";
    }
  }
  return out.str();
}

}  // namespace galago
