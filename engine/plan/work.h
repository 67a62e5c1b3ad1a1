// What a step costs on paper: the other half of a roofline.
#pragma once
#include "plan/plan.h"

namespace galago {

// Of one image, or for steps over the batch of one row of it. Weights are counted apart, as they are read once.
struct Work {
  double multiply_adds = 0;  // of the algorithm chosen; the most there can be where only living winners count
  double bytes = 0;          // maps that are read and written, once each
  double weight_bytes = 0;
};

Work work_of(const Plan& plan, const Step& step, int64_t element_bytes);

// Whether the step's multiply-adds are those of living winners alone.
bool counts_winners(KernelId kernel);

}  // namespace galago
