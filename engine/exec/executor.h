// Runs a plan on batches: owns its buffers, fills in the kernels' arguments, splits the work into tasks.
#pragma once
#include <vector>

#include "exec/weights.h"
#include "kernels/table.h"
#include "plan/plan.h"

namespace galago {

// Some samples of the user's arrays.
template <class T>
struct Batch {
  const void* x = nullptr;
  InputType type = InputType::f32;
  const int64_t* rows = nullptr;  // of x
  int64_t count = 0;
  const int64_t* labels = nullptr;  // in the order of `rows`
  const T* targets = nullptr;
};

template <class T>
class Executor {
 public:
  Executor(Plan plan, const KernelTable& table, const ParameterArena<T>& weights, const Shape& sample);

  // Packs are made anew where `version` of the weights is not the one they were made of.
  void run(const Batch<T>& batch, uint64_t version);

  const Plan& plan() const { return plan_; }
  const T* output(int64_t image) const;
  const double* losses() const { return losses_.data(); }
  const double* accuracies() const { return accuracies_.data(); }
  int shards() const { return shards_; }
  // Where shard `s` summed the gradient of a parameter of a convolution; dense layers have one sum of the whole batch.
  const T* gradient(const ParameterPlan& p, int shard) const;

 private:
  struct Place {  // where a step runs
    int64_t image = 0;
    int worker = 0;
    int shard = 0;
  };

  void reserve(int64_t images, int workers);
  void run_packs(uint64_t version);
  void run_pack(const Pack& pack, int64_t task) const;
  int64_t pack_tasks(const Pack& pack) const;
  void run_images(const Stage& stage);
  void run_image_step(const Step& step, const Place& place) const;
  void run_batch(const Stage& stage);
  int64_t batch_tasks(const Step& step) const;
  void run_batch_step(const Step& step, int64_t task, int worker);

  T* start(int tensor, const Place& place) const;  // of the buffer, halo included
  T* at(int tensor, const Place& place) const;     // element (0, 0, 0)
  uint16_t* winners(int tensor, const Place& place) const;
  T* work(const Place& place) const;
  const T* weight(int parameter) const { return parameter < 0 ? nullptr : weights_.at(plan_.parameters[parameter]); }
  T* shard_gradient(int parameter, const Place& place) const;

  void load_input(const Step&, const Place&) const;
  void copy_map(const Step&, const Place&) const;
  void conv_forward(const Step&, const Place&) const;
  void winograd_forward(const Step&, const Place&) const;
  PooledGradArgs<T> pooled_gradient(const Step&, const Place&) const;
  void conv_pool_backward_weights(const Step&, const Place&) const;
  void conv_pool_backward_input(const Step&, const Place&) const;
  void conv_backward_weights(const Step&, const Place&) const;
  void conv_backward_input(const Step&, const Place&) const;
  PoolShape pool_shape(const Unit& unit, const Tensor& src) const;
  void pool_forward(const Step&, const Place&) const;
  void pool_backward(const Step&, const Place&) const;
  void map_rows(const Step&, const Place&) const;

  void dense_forward(const Step&, int64_t task) const;
  DenseGradArgs<T> dense_gradient(const Step&) const;
  void loss(const Step&, int64_t task, int worker);
  void batch_rows(const Step&, int64_t task) const;

  ActivationArgs<T> activation(const Step&) const;
  void run_rows(KernelId kernel, const ActivationArgs<T>& a) const;

  const Plan plan_;
  const Kernels<T>& kernels_;
  const ParameterArena<T>& weights_;
  const Shape sample_;  // of the user's array: what is loaded may be less
  Batch<T> batch_;
  int64_t capacity_ = 0;
  int shards_ = 0;
  int threads_ = 1;  // of the present run
  uint64_t packed_version_ = 0;
  Memory images_, image_winners_, packs_, sharded_gradients_, batch_gradients_, transposed_;
  struct Scratch {
    Memory elements, winners, work;
  };
  std::vector<Scratch> scratch_;
  std::vector<double> losses_, accuracies_;
};

}  // namespace galago
