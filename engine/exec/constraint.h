// Constraints on weights, in Keras's layout.
#pragma once
#include "exec/optimizer_spec.h"

namespace galago {

// Makes weights of this shape what a constraint, which must be one, asks of them.
template <class T>
void constrain(const Constraint& constraint, const std::vector<int64_t>& shape, T* weights);

}  // namespace galago
