// Runs a plan on batches: owns its buffers, fills in the kernels' arguments, splits the work into tasks.
#pragma once
#include <span>
#include <vector>

#include "exec/host.h"
#include "exec/optimizer.h"
#include "exec/profile.h"
#include "exec/targets.h"
#include "plan/work.h"

namespace galago {

// A step is worth splitting from this many multiply-adds on: some microseconds, as much as handing over costs.
constexpr double kSplitWork = 200000;

// The user's samples of one input: C-contiguous rows of its shape.
struct InputView {
  const void* data = nullptr;
  InputType type = InputType::f32;
  int64_t rows = 0;
};

// Some samples of the user's arrays.
template <class T>
struct Batch {
  std::span<const InputView> inputs;
  const int64_t* rows = nullptr;  // of the inputs
  int64_t count = 0;
  std::span<const Targets<T>> targets;  // of each output, in the order of `rows`
  uint64_t step = 0;                    // train steps before this one: what dropout draws from, besides its seed
};

template <class T>
class Executor {
 public:
  // `samples`: the shapes of the user's arrays; `host` computes its steps of the plan, if there are any.
  Executor(Plan plan, const KernelTable& table, const ParameterArena<T>& weights, std::vector<Shape> samples,
           Host* host);

  // Packs are made anew where `version` of the weights is not the one that they were made of. An optimizer changes on
  // the way back those parameters that `updates` names; without one their gradients are kept.
  void run(const Batch<T>& batch, uint64_t version, const Optimizer<T>* optimizer);
  bool updates(int parameter) const { return updated_[static_cast<size_t>(parameter)]; }

  const Plan& plan() const { return plan_; }
  const T* output(size_t head, int64_t image) const;
  // Of the rows of the loss of an output.
  const double* losses(size_t head) const { return losses_.data() + first_row(plan_.heads[head]); }
  const double* accuracies(size_t head) const { return accuracies_.data() + first_row(plan_.heads[head]); }
  int shards() const { return shards_; }

  // Clocks every kernel from now on, until called with null; a line for each step and then each pack of the plan.
  void profile(Profile* into);
  size_t profile_lines() const;
  ProfileLine profile_line(const Profile& profile, size_t index) const;

  // Where shard `s` summed the gradient of a parameter of a convolution; dense layers have one sum of the whole batch.
  T* gradient(const ParameterPlan& p, int shard) const;

 private:
  struct Place {  // where a step runs
    int64_t image = 0;
    int worker = 0;
    int shard = 0;
    int lane = 0;               // of the image in its block, which has scratch buffers for each
    int images = 1;             // from this one on, for steps that take several
    int slice = 0, slices = 1;  // which part of the image's rows
    // Whose buffers hold the image: threads that share it work in those of the first.
    int owner() const { return slices > 1 ? 0 : worker; }
  };
  struct Rows {
    int64_t first, count;
  };
  // Images that go through all stages before the next ones start, so that what the way back reads is still in cache.
  struct MicroBatch {
    Rows images{0, 0}, groups{0, 0};  // groups: those that weight gradients are summed by
  };

  // Whether the present run updates the weights of a step as soon as it has their gradient.
  bool updates(const Step& step) const {
    const int kernel = plan_.units[step.unit].kernel;
    return step.kernel == KernelId::dense_backward_weights && optimizer_ && updates(kernel) &&
           optimizer_->updates(kernel);
  }
  int64_t micro_batches() const;
  MicroBatch micro_batch(int64_t index, int64_t count) const;
  int64_t group_start(int64_t group) const { return group * batch_.count / shards_; }
  // Whether a step has something to do in the present micro-batch.
  bool is_due(int step) const {
    const bool last = micro_.images.first + micro_.images.count == batch_.count;
    return last || !sums_the_batch(plan_.steps[static_cast<size_t>(step)].kernel);
  }
  void reserve(int64_t images, int workers);
  void run_packs();
  void run_own_packs(int worker);
  void run_pack(const Pack& pack, int64_t task, int worker) const;
  void run_coefficients(const Pack& pack, int worker) const;
  int64_t pack_tasks(const Pack& pack) const;
  void run_images(const Stage& stage);
  void run_slices(const Stage& stage);
  void run_block(const Chain& chain, const Place& first) const;
  bool keeps_rows(std::span<const int> steps) const;
  static bool takes_rows(KernelId kernel);
  int64_t slices_of(std::span<const int> steps) const;
  void clear_gradients(const Chain& chain, int shard) const;
  void time_image_step(int index, const Place& place) const;
  double living(const Step& step, const Place& place) const;
  template <class F>
  void timed(int worker, size_t line, const F& f) const {
    if (profile_) profile_->time(worker, line, f);
    else f();
  }
  void run_image_step(const Step& step, const Place& place) const;
  void run_batch(const Stage& stage);
  bool is_host(const Stage& stage) const {
    const KernelId first = plan_.steps[static_cast<size_t>(stage.steps.front())].kernel;
    return first == KernelId::host_forward || first == KernelId::host_backward;
  }
  void run_host(const Stage& stage);
  void copy_rows(int tensor, T* to, const T* from) const;
  HostArray gathered(int tensor) const;
  void scatter(int tensor, const void* rows) const;
  HostCall host_call(const Step& step) const;
  void host_forward(const Step& step) const;
  void host_backward(const Step& step) const;
  int64_t batch_tasks(const Step& step) const;
  Rows row_group(int64_t group) const;
  double batch_work(int index) const;
  void run_batch_step(const Step& step, int64_t task, int worker);
  void run_rows_step(const Step& step, Rows rows, int worker);

  T* start(int tensor, const Place& place) const;  // of the buffer, halo included
  T* at(int tensor, const Place& place) const;     // element (0, 0, 0)
  uint16_t* winners(int tensor, const Place& place) const;
  T* work(const Place& place) const;
  // Packed weights as this worker reads them.
  T* packed(const Pack& pack, int worker) const {
    return packs_[own_packs_ ? static_cast<size_t>(worker) : 0].elements.template as<T>() + pack.offset;
  }
  const T* weight(int parameter) const { return parameter < 0 ? nullptr : weights_.at(plan_.parameters[parameter]); }
  T* shard_gradient(int parameter, const Place& place) const;
  T* batch_gradient(int parameter) const {
    return parameter < 0 ? nullptr : batch_gradients_.as<T>() + plan_.parameters[parameter].offset;
  }
  T* corner(int tensor, const Window& w, const Place& place) const;
  void set_windows(TapSource<T>& a, const Step&, int tensor, const Place&) const;
  Map<T> map(int tensor, const Place& place) const;
  static Map<const T> constant(const Map<T>& m, Rows rows = {0, 0}) {
    return {m.data + rows.first * m.row, m.row, m.col};
  }
  // Of a batch norm with fixed statistics; null where the step has none.
  const T* scale_of(const Step& step, const Place& place) const {
    return step.coefficients < 0 ? nullptr : packed(plan_.packs[step.coefficients], place.worker);
  }
  // What is added to a sum of the unit: its bias, or the shift of the batch norm that it has taken in.
  const T* shift_of(const Step& step, const Place& place) const {
    const Unit& u = plan_.units[step.unit];
    return step.coefficients < 0 ? weight(u.bias) : scale_of(step, place) + padded(u.out.channels);
  }
  T* state(const Step&, int which) const;
  static Rows rows_of(int64_t rows, const Place& place) {
    const int64_t first = rows * place.slice / place.slices, end = rows * (place.slice + 1) / place.slices;
    return {first, end - first};
  }

  void load_input(const Step&, const Place&) const;
  void copy_map(const Step&, const Place&) const;
  Map<T> spread(int tensor, const Shape& over, const Place&) const;
  void reorder(const Step&, const Place&) const;
  void merge_maps(const Step&, const Place&) const;
  void merge_backward(const Step&, const Place&) const;
  void upsample(const Step&, const Place&) const;
  void upsample_backward(const Step&, const Place&) const;
  void resize(const Step&, const Place&) const;
  void warp(const Step&, const Place&) const;
  void tone(const Step&, const Place&) const;
  void set_draws(DrawArgs<T>& a, const Step&, const Place&) const;
  void dropout(const Step&, const Place&) const;
  void gaussian_noise(const Step&, const Place&) const;
  void layer_norm(const Step&, const Place&) const;
  void conv_forward(const Step&, const Place&) const;
  void winograd_forward(const Step&, const Place&) const;
  WinogradArgs<T> winograd_arguments(const Step&, const Place&, int from, int to) const;
  void winograd_backward_input(const Step&, const Place&) const;
  void winograd_backward_weights(const Step&, const Place&) const;
  PooledGradArgs<T> pooled_gradient(const Step&, const Place&) const;
  void conv_pool_backward_weights(const Step&, const Place&) const;
  void conv_pool_backward_input(const Step&, const Place&) const;
  void conv_backward_weights(const Step&, const Place&) const;
  void conv_backward_input(const Step&, const Place&) const;
  void depthwise_forward(const Step&, const Place&) const;
  void depthwise_backward_input(const Step&, const Place&) const;
  void batch_norm_moments(const Step&, const Place&) const;
  void batch_norm_statistics(const Step&, int64_t task) const;
  void batch_norm_forward(const Step&, const Place&) const;
  void set_gradient(NormGradSource<T>& a, const Step&, const Place&) const;
  void batch_norm_backward_sums(const Step&, const Place&) const;
  void batch_norm_backward_parameters(const Step&, int64_t task) const;
  void batch_norm_backward_input(const Step&, const Place&) const;
  PoolShape pool_shape(const Unit& unit, const Tensor& src) const;
  void pool_forward(const Step&, const Place&) const;
  void pool_backward(const Step&, const Place&) const;
  void map_rows(const Step&, const Place&) const;

  // Where a dense layer reads its rows, and which they are.
  struct Source {
    const T* data;
    int64_t row;
    const int64_t* rows;
  };
  Source rows_source(int tensor, int64_t first) const;
  bool reads_in_place(int tensor) const;
  void load_rows(const Step&, Rows rows) const;
  void dense_forward(const Step&, Rows rows, Rows outputs, int part, int worker) const;
  void dense_add_parts(const Step&, Rows rows) const;
  DenseGradArgs<T> dense_gradient(const Step&, Rows rows) const;
  DenseGradArgs<T> dense_part(const Step&, int64_t task, int worker) const;
  void update_dense(const Step&, int64_t task, int worker) const;
  void loss(const Step&, Rows rows, int worker);
  void loss_rows(const Step&, int64_t image, int64_t count, int worker);
  int64_t first_row(const Head& head) const { return head.first_position * capacity_; }
  void batch_rows(const Step&, Rows rows) const;

  ActivationArgs<T> activation(const Step&) const;
  void run_rows(KernelId kernel, const ActivationArgs<T>& a) const;

  const Plan plan_;
  const Kernels<T>& kernels_;
  const ParameterArena<T>& weights_;
  const std::vector<Shape> samples_;  // of the user's arrays: what is loaded may be less
  Host* const host_;
  std::vector<Work> work_of_;  // each step
  std::vector<bool> updated_;  // parameters
  Batch<T> batch_;
  const Optimizer<T>* optimizer_ = nullptr;  // of the present run
  Profile* profile_ = nullptr;
  int64_t profiled_images_ = 0, profiled_runs_ = 0;
  // Images, of the batch and of a micro-batch.
  int64_t capacity_ = 0, micro_capacity_ = 0;
  int shards_ = 0;
  MicroBatch micro_;      // that is under way
  int threads_ = 1;       // of the present run
  uint64_t version_ = 0;  // of the weights in the present run
  Memory kept_, images_, image_winners_, sharded_gradients_, batch_gradients_, transposed_, state_;
  struct Packed {
    Memory elements;
    uint64_t version = 0;  // of the weights that it was made of
  };
  const bool own_packs_;       // whether each thread makes its own
  std::vector<Packed> packs_;  // one, or one a thread
  struct Scratch {
    Memory elements, winners, work;
  };
  std::vector<Scratch> scratch_;
  std::vector<double> losses_, accuracies_;
  std::vector<int64_t> in_order_;  // 0, 1, ...: the rows of what was made here
};

}  // namespace galago
