// The steps that a host computes, over whole batches.
#include "plan/steps.h"

namespace galago {

void StepBuilder::forward_host(int i) {
  Step& step = add_step(KernelId::host_forward, Scope::batch, i);
  for (int input : unit(i).inputs) step.sources.push_back(out_[static_cast<size_t>(input)]);
  step.dst = out_[static_cast<size_t>(i)];
}

// One step gives the gradients of all inputs and weights. Of the inputs it writes the elements alone, so the padding
// around them has to stay zero.
void StepBuilder::backward_host(int i) {
  const std::vector<int> inputs = unit(i).inputs;
  std::vector<int> gradients;
  for (int input : inputs) {
    gradients.push_back(learns_[static_cast<size_t>(input)] ? gradient_for(input) : -1);
    if (gradients.back() >= 0) tensor(gradients.back()).fixed = true;
  }
  Step& step = add_step(KernelId::host_backward, Scope::batch, i);
  for (int input : inputs) step.sources.push_back(out_[static_cast<size_t>(input)]);
  step.grad_sources = gradients;
  step.grad = grad_[static_cast<size_t>(i)];
  for (size_t k = 0; k < inputs.size(); k++)
    if (gradients[k] >= 0) contribute(inputs[k], gradients[k]);
}

}  // namespace galago
