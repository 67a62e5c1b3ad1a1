// Adds the forward and backward steps of units to a plan.
#pragma once
#include "plan/plan.h"

namespace galago {

class StepBuilder {
 public:
  StepBuilder(Plan& plan, const std::vector<bool>& trainable);
  void forward();
  void loss();
  void backward();

 private:
  int add_tensor(const std::string& name, const Shape& shape, int64_t col);
  int add_winners(const std::string& name, int64_t count);
  Step& add_step(KernelId kernel, Scope scope, int unit);
  void add_halo(Tensor& tensor, const Unit& consumer) const;
  int add_pack(KernelId kernel, int unit, int64_t group_elements);
  std::vector<int32_t> taps(const Unit& unit, const Tensor& src) const;
  Scope scope_of(int unit) const;

  void forward_unit(int i);
  void forward_conv(int i, bool pooled);
  void flatten(int i);
  bool trains(int parameter) const { return parameter >= 0 && trainable_[static_cast<size_t>(parameter)]; }
  bool trains(const Unit& unit) const { return trains(unit.kernel) || trains(unit.bias); }
  int gradient_like_output(int i);
  void backward_unit(int i, bool wants_input);
  void backward_conv(int i, bool wants_input);
  void backward_conv_pool(int i, bool wants_input);
  void backward_dense(int i, bool wants_input);

  Plan& plan_;
  const std::vector<bool>& trainable_;
  std::vector<int> out_, winners_, grad_;  // tensors of each unit
  std::vector<Scope> scope_;
};

}  // namespace galago
