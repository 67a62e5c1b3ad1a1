#include "exec/executor.h"

#include <algorithm>
#include <cstring>

#include "threads/pool.h"

namespace galago {
namespace {

// A step of one image is worth splitting from this many multiply-adds on: some microseconds.
constexpr int64_t kSliceWork = 200000;

// Images of one task where no sums depend on it: few enough to share a batch out, enough to keep weights in cache.
constexpr int64_t kImagesATask = 4;

}  // namespace

template <class T>
Executor<T>::Executor(Plan plan, const KernelTable& table, const ParameterArena<T>& weights, const Shape& sample)
    : plan_(std::move(plan)), kernels_(kernels_of<T>(table)), weights_(weights), sample_(sample) {
  packs_ = Memory((plan_.pack_elements + kBlock) * static_cast<int64_t>(sizeof(T)));
  if (plan_.mode == Mode::train)
    batch_gradients_ = Memory((plan_.batch_elements + kBlock) * static_cast<int64_t>(sizeof(T)));
  state_ = Memory((plan_.state_elements + kBlock) * static_cast<int64_t>(sizeof(T)));
}

template <class T>
void Executor<T>::reserve(int64_t images, int workers) {
  const int64_t size = sizeof(T);
  if (images > capacity_) {
    images_ = Memory(checked_multiply(images, checked_multiply(plan_.image_elements, size)));
    image_winners_ = Memory(checked_multiply(images, 2 * plan_.image_winners));
    transposed_ = Memory(checked_multiply(padded(images), plan_.transposed_outputs * size));
    losses_.resize(static_cast<size_t>(images));
    accuracies_.resize(static_cast<size_t>(images));
    capacity_ = images;
  }
  while (static_cast<int>(scratch_.size()) < workers)
    scratch_.push_back({Memory(plan_.scratch_elements * size), Memory(2 * plan_.scratch_winners),
                        Memory((plan_.work_elements + kBlock) * size)});
  if (plan_.mode != Mode::train) return;
  shards_ = shard_count(plan_, images);
  const int64_t gradients = checked_multiply(shards_, (plan_.sharded_elements + kBlock) * size);
  if (sharded_gradients_.bytes() < gradients) sharded_gradients_ = Memory(gradients);
}

template <class T>
void Executor<T>::run(const Batch<T>& batch, uint64_t version) {
  batch_ = batch;
  threads_ = Pool::size();  // once: buffers are made for as many
  reserve(batch.count, threads_);
  if (version != packed_version_) run_packs(version);
  for (const Stage& stage : plan_.stages) {
    if (stage.scope == Scope::images) run_images(stage);
    if (stage.scope == Scope::batch) run_batch(stage);
  }
}

template <class T>
void Executor<T>::run_images(const Stage& stage) {
  const int64_t images = batch_.count;
  if (plan_.mode != Mode::train && images < threads_) return run_slices(stage);
  const int64_t images_a_task = std::min(kImagesATask, divide_up(images, threads_));
  const int64_t tasks = stage.shards ? shards_ : divide_up(images, images_a_task);
  Pool::run(threads_, tasks, [&](int64_t task, int worker) {
    int64_t first = task * images_a_task, last = std::min(images, first + images_a_task);
    if (stage.shards) {
      first = task * images / tasks;
      last = (task + 1) * images / tasks;
      clear_gradients(stage, static_cast<int>(task));
    }
    for (int64_t image = first; image < last; image++)
      for (int step : stage.steps) run_image_step(plan_.steps[step], {image, worker, static_cast<int>(task)});
  });
}

// Fewer images than threads: each step of an image is split into rows.
template <class T>
void Executor<T>::run_slices(const Stage& stage) {
  for (int64_t image = 0; image < batch_.count; image++)
    for (int i : stage.steps) {
      const Step& step = plan_.steps[i];
      const int slices = narrow(slices_of(step));
      Pool::run(threads_, slices,
                [&](int64_t slice, int worker) { run_image_step(step, {image, worker, 0, narrow(slice), slices}); });
    }
}

template <class T>
int64_t Executor<T>::slices_of(const Step& step) const {
  const Unit& u = plan_.units[step.unit];
  switch (step.kernel) {
    case KernelId::conv_forward:
    case KernelId::conv_relu_maxpool_forward:
    case KernelId::conv_winograd_relu_maxpool_forward:
    case KernelId::depthwise_forward: break;
    default: return 1;
  }
  const int64_t outputs = (u.kind == UnitKind::conv_pool ? u.conv_out : u.out).size();
  const int64_t work = outputs * u.window.rows * u.window.cols * (u.in.channels / u.groups);
  return work < kSliceWork ? 1 : std::min<int64_t>(threads_, u.out.rows);
}

template <class T>
void Executor<T>::clear_gradients(const Stage& stage, int shard) {
  for (int parameter : stage.gradients) {
    T* sums = shard_gradient(parameter, {0, 0, shard});
    std::memset(sums, 0, static_cast<size_t>(plan_.parameters[parameter].elements) * sizeof(T));
  }
}

template <class T>
void Executor<T>::run_batch(const Stage& stage) {
  int64_t tasks = 0;
  for (int step : stage.steps) tasks += batch_tasks(plan_.steps[step]);
  Pool::run(threads_, tasks, [&](int64_t task, int worker) {
    for (int i : stage.steps) {  // which step's task is it?
      const Step& step = plan_.steps[i];
      const int64_t count = batch_tasks(step);
      if (task < count) return run_batch_step(step, task, worker);
      task -= count;
    }
  });
}

template <class T>
T* Executor<T>::start(int tensor, const Place& place) const {
  const Tensor& t = plan_.tensors[tensor];
  // Buffers over images lie one tensor after the other, its images side by side: rows of a matrix for dense layers.
  return t.scratch ? scratch_[place.owner()].elements.template as<T>() + t.offset
                   : images_.as<T>() + t.offset * capacity_ + place.image * t.elements();
}

template <class T>
T* Executor<T>::at(int tensor, const Place& place) const {
  return start(tensor, place) + plan_.tensors[tensor].origin();
}

template <class T>
uint16_t* Executor<T>::winners(int tensor, const Place& place) const {
  if (tensor < 0) return nullptr;
  const Tensor& t = plan_.tensors[tensor];
  return t.scratch ? scratch_[place.owner()].winners.template as<uint16_t>() + t.offset
                   : image_winners_.as<uint16_t>() + t.offset * capacity_ + place.image * t.elements();
}

template <class T>
T* Executor<T>::work(const Place& place) const {
  return scratch_[place.worker].work.template as<T>();
}

template <class T>
T* Executor<T>::shard_gradient(int parameter, const Place& place) const {
  if (parameter < 0) return nullptr;
  return sharded_gradients_.as<T>() + place.shard * (plan_.sharded_elements + kBlock) +
         plan_.parameters[parameter].offset;
}

template <class T>
const T* Executor<T>::gradient(const ParameterPlan& p, int shard) const {
  return p.sharded ? sharded_gradients_.as<T>() + shard * (plan_.sharded_elements + kBlock) + p.offset
                   : batch_gradients_.as<T>() + p.offset;
}

template <class T>
const T* Executor<T>::output(int64_t image) const {
  return at(plan_.output, {image, 0, 0});
}

// ---- packed weights ----

template <class T>
int64_t Executor<T>::pack_tasks(const Pack& pack) const {
  const Unit& u = plan_.units[pack.unit];
  const int64_t outputs = u.out.channels / u.groups, channels = u.in.channels / u.groups;
  const auto panels = [](int64_t n) { return divide_up(padded(n), kPanel); };
  switch (pack.kernel) {
    case KernelId::pack_winograd: return panels(outputs) * (padded(channels) / kBlock);
    case KernelId::pack_channel_blocks: return padded(channels) / kBlock;
    case KernelId::pack_panels_transposed:
      return u.groups * static_cast<int64_t>(pack.classes.size()) * panels(channels);
    case KernelId::batch_norm_coefficients: return 1;
    default: return u.groups * panels(outputs);
  }
}

template <class T>
void Executor<T>::run_coefficients(const Pack& pack) const {
  const Unit& u = plan_.units[pack.unit];
  NormCoefficientsArgs<T> a{};
  a.gamma = weight(u.gamma);
  a.beta = weight(u.beta);
  a.mean = weight(u.mean);
  a.variance = weight(u.variance);
  a.bias = weight(u.bias);
  a.epsilon = u.normalization.epsilon;
  a.channels = narrow(u.out.channels);
  a.scale = packs_.as<T>() + pack.offset;
  a.shift = a.scale + padded(u.out.channels);
  kernels_.batch_norm_coefficients(a);
}

template <class T>
void Executor<T>::run_pack(const Pack& pack, int64_t task) const {
  if (pack.kernel == KernelId::batch_norm_coefficients) return run_coefficients(pack);
  const Unit& u = plan_.units[pack.unit];
  const ParameterPlan& p = plan_.parameters[u.kernel];
  PackArgs<T> a{};
  a.ohwi = p.layout == WeightLayout::ohwi;
  a.tap_count = static_cast<int32_t>(p.taps);
  a.channels = static_cast<int32_t>(p.inputs);
  a.outputs = static_cast<int32_t>(p.outputs);
  a.row = a.ohwi ? p.taps * padded(p.inputs) : padded(p.outputs);
  a.weights = weight(u.kernel);
  a.dst = packs_.as<T>() + pack.offset;
  a.last_channel = a.channels;
  const auto take = [&task](int64_t count) {  // the next digit of a mixed-radix number
    const int64_t digit = task % count;
    task /= count;
    return digit;
  };
  const auto choose_panel = [&](int64_t lanes, int64_t k_count) {
    a.index = static_cast<int32_t>(take(divide_up(padded(lanes), kPanel)));
    a.dst += a.index * kPanel * k_count;
  };
  switch (pack.kernel) {
    case KernelId::pack_winograd:
      a.first_channel = static_cast<int32_t>(take(padded(p.inputs) / kBlock)) * kBlock;
      a.last_channel = std::min(a.channels, a.first_channel + kBlock);
      a.index = static_cast<int32_t>(task);
      return kernels_.pack_winograd(a);
    case KernelId::pack_channel_blocks:
      a.index = static_cast<int32_t>(task);
      a.dst += task * p.outputs * p.taps * kBlock;
      return kernels_.pack_channel_blocks(a);
    case KernelId::pack_panels_transposed: {
      const InputClass& k = pack.classes[static_cast<size_t>(take(static_cast<int64_t>(pack.classes.size())))];
      a.tap_order = k.tap_order.data();
      a.tap_order_count = static_cast<int32_t>(k.tap_order.size());
      choose_panel(p.inputs, a.tap_order_count * p.outputs);
      a.weights += task * p.group_elements();
      a.dst += k.pack_offset + task * pack.group_elements;
      return kernels_.pack_panels_transposed(a);
    }
    default:
      choose_panel(p.outputs, p.taps * p.inputs);
      a.weights += task * p.group_elements();
      a.dst += task * pack.group_elements;
      return kernels_.pack_panels(a);
  }
}

template <class T>
void Executor<T>::run_packs(uint64_t version) {
  int64_t tasks = 0;
  for (const Pack& pack : plan_.packs) tasks += pack_tasks(pack);
  Pool::run(threads_, tasks, [&](int64_t task, int) {
    for (const Pack& pack : plan_.packs) {  // which pack's task is it?
      const int64_t count = pack_tasks(pack);
      if (task < count) return run_pack(pack, task);
      task -= count;
    }
  });
  packed_version_ = version;
}

template class Executor<float>;
template class Executor<double>;

}  // namespace galago
