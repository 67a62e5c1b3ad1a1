// What compile() may say of an optimizer, and of each parameter.
#pragma once
#include <cstdint>
#include <vector>

namespace galago {

struct OptimizerSpec {
  enum class Kind { none, sgd, adam, rmsprop, adagrad, adadelta, adamax, nadam, lion } kind = Kind::none;
  double beta_1 = 0, beta_2 = 0, epsilon = 0;  // Adam, Adamax, Nadam; Lion without epsilon
  bool amsgrad = false;                        // Adam
  double momentum = 0;                         // SGD, RMSprop
  bool nesterov = false;                       // SGD
  double rho = 0;                              // RMSprop, Adadelta
  bool centered = false;                       // RMSprop
  double initial_accumulator_value = 0;        // Adagrad
  double weight_decay = 0;                     // times the learning rate: what weights lose in a step
  double clipnorm = 0, global_clipnorm = 0;    // the largest norm of a gradient, of all gradients; 0 for none
  double clipvalue = 0;                        // the largest element of a gradient; 0 for none
  bool use_ema = false;                        // a moving average of the weights
  double ema_momentum = 0;
  int64_t ema_overwrite_frequency = 0;  // steps after which weights become their average; 0 for never
};

// What weights must be after each step: not negative, or of a norm within limits over some axes of Keras's layout.
// A norm n becomes rate * clip(n, low, high) + (1 - rate) * n.
struct Constraint {
  enum class Kind { none, non_negative, norm } kind = Kind::none;
  double low = 0, high = 0, rate = 1;
  std::vector<int64_t> axes;
};

struct ParameterRule {
  double l1 = 0, l2 = 0;  // the loss has l1 * sum(|w|) + l2 * sum(w * w) more
  bool decays = true;     // as the optimizer's weight decay says
  Constraint constraint;
  bool penalized() const { return l1 != 0 || l2 != 0; }
};

}  // namespace galago
