// Adds the forward and backward steps of units to a plan.
#pragma once
#include <algorithm>

#include "plan/plan.h"

namespace galago {

// Whether a step over the batch takes rows, whose results need nothing of other rows.
bool goes_by_rows(const Plan& plan, const Step& step);

// Whether a unit puts the same numbers in other places.
bool rearranges(UnitKind kind);
// Where the smaller map of a pad or crop lies in the larger one.
void set_corner(Step& step, const Unit& unit);

class StepBuilder {
 public:
  StepBuilder(Plan& plan, const std::vector<bool>& trainable);
  void forward();
  void losses();
  void backward();

 private:
  const Unit& unit(int i) const { return plan_.units[static_cast<size_t>(i)]; }
  Tensor& tensor(int t) { return plan_.tensors[static_cast<size_t>(t)]; }
  int source(int i) const { return out_[static_cast<size_t>(unit(i).inputs[0])]; }  // tensor of the first input
  int count() const { return static_cast<int>(plan_.units.size()); }
  // The unit whose gradient the loss of an output gives.
  int top(const Head& head) const { return head.fused ? unit(head.unit).inputs[0] : head.unit; }

  int add_tensor(const std::string& name, const Shape& shape, int64_t col);
  int add_winners(const std::string& name, int64_t count);
  Step& add_step(KernelId kernel, Scope scope, int unit);
  void add_held_back();
  int add_pack(KernelId kernel, int unit, int64_t group_elements, int64_t groups);
  int add_coefficients(int i);
  bool leaves_lanes(const Unit& unit, const Shape& to, int64_t channels);
  std::vector<int32_t> taps(const Unit& unit, const Tensor& src) const;
  Scope scope_of(int i) const;

  void forward_unit(int i);
  int add_output(int i);
  void forward_conv(int i);
  void forward_pool(int i);
  void forward_dense(int i);
  void forward_rows(int i);
  void forward_resize(int i);
  void flatten(int i);
  void concatenate(int i);
  void merge(int i);
  void forward_host(int i);
  void batch_norm(int i);
  Step& normalize(int i);

  bool trains(int parameter) const { return parameter >= 0 && trainable_[static_cast<size_t>(parameter)]; }
  bool trains(const Unit& u) const {
    return trains(u.kernel) || trains(u.bias) || trains(u.gamma) || trains(u.beta) ||
           std::ranges::any_of(u.weights, [this](int p) { return trains(p); });
  }
  int gradient_for(int i);
  int source_again(int i);
  void contribute(int i, int gradient);
  int gradient_before_relu(int i, bool with_halo);
  void backward_unit(int i, bool wants_input);
  void backward_conv(int i, bool wants_input);
  void backward_conv_pool(int i, bool wants_input);
  void backward_dense(int i, bool wants_input);
  void backward_batch_norm(int i, bool wants_input);
  void backward_concatenate(int i);
  void backward_merge(int i);
  void backward_copy(int i);
  void backward_host(int i);
  void backward_rows(int i);
  void backward_upsample(int i);
  void backward_resize(int i);
  void backward_layer_norm(int i, bool wants_input);

  Plan& plan_;
  const std::vector<bool>& trainable_;
  const std::vector<std::vector<int>> consumers_;
  std::vector<int> out_, winners_, grad_;  // tensors of each unit
  std::vector<int> coefficients_;          // packs of batch norms with fixed statistics
  std::vector<int64_t> state_;             // of the others
  std::vector<bool> learns_;               // the unit or one in front of it
  std::vector<bool> aliased_;              // tensors that are the gradient of several units
  std::vector<Scope> scope_;
  std::vector<Step> held_back_;  // weight gradients that would part steps over rows
};

}  // namespace galago
