#include "exec/executor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "threads/pool.h"

namespace galago {
namespace {

// Packs that stay small beside a core's own cache (1 MB of 2) are made by every thread for itself: weights change with
// every training step, and fetching what another core has just written takes as long as making it.
constexpr int64_t kOwnPacks = 1 << 20;

// Of a thread: how much its images of a micro-batch may leave for the way back, and how many are worth reading the
// weights of dense layers once more for.
constexpr int64_t kMicroBatchBytes = 3 << 18, kFewestImages = 16;

}  // namespace

template <class T>
Executor<T>::Executor(Plan plan, const KernelTable& table, const ParameterArena<T>& weights, std::vector<Shape> samples,
                      Host* host)
    : plan_(std::move(plan)),
      kernels_(kernels_of<T>(table)),
      weights_(weights),
      samples_(std::move(samples)),
      host_(host),
      own_packs_(plan_.mode == Mode::train && plan_.pack_elements * static_cast<int64_t>(sizeof(T)) <= kOwnPacks) {
  if (plan_.mode == Mode::train)
    batch_gradients_ = Memory((plan_.batch_elements + kBlock) * static_cast<int64_t>(sizeof(T)));
  updated_.resize(plan_.parameters.size());
  for (const Step& step : plan_.steps) {
    work_of_.push_back(work_of(plan_, step, sizeof(T)));
    if (step.kernel == KernelId::dense_backward_weights)
      updated_[static_cast<size_t>(plan_.units[step.unit].kernel)] = true;
  }
  for (size_t i = 0; i < plan_.parameters.size(); i++)  // gradients of several uses meet before the update
    if (const int original = plan_.parameters[i].original; original >= 0)
      updated_[i] = updated_[static_cast<size_t>(original)] = false;
  state_ = Memory((plan_.state_elements + kBlock) * static_cast<int64_t>(sizeof(T)));
}

template <class T>
void Executor<T>::reserve(int64_t images, int workers) {
  const int64_t size = sizeof(T);
  if (images > capacity_) {
    kept_ = Memory(checked_multiply(images, checked_multiply(plan_.kept_elements, size)));
    const Head& last = plan_.heads.back();
    losses_.resize(static_cast<size_t>(checked_multiply(images, last.first_position + last.positions)));
    accuracies_.resize(losses_.size());
    in_order_.resize(static_cast<size_t>(images));
    std::iota(in_order_.begin(), in_order_.end(), 0);
    capacity_ = images;
  }
  int64_t most = 0;
  for (int64_t i = 0, count = micro_batches(); i < count; i++)
    most = std::max(most, micro_batch(i, count).images.count);
  if (most > micro_capacity_) {
    images_ = Memory(checked_multiply(most, checked_multiply(plan_.image_elements, size)));
    image_winners_ = Memory(checked_multiply(most, 2 * plan_.image_winners));
    transposed_ = Memory(checked_multiply(padded(most), plan_.transposed_outputs * size));
    micro_capacity_ = most;
  }
  while (static_cast<int>(scratch_.size()) < workers)
    scratch_.push_back({Memory(plan_.images_at_once * plan_.scratch_elements * size),
                        Memory(plan_.images_at_once * 2 * plan_.scratch_winners),
                        Memory((plan_.work_elements + kBlock) * size)});
  while (static_cast<int>(packs_.size()) < (own_packs_ ? workers : 1))
    packs_.push_back({Memory((plan_.pack_elements + kBlock) * size)});
  if (plan_.mode != Mode::train) return;
  const int64_t gradients = checked_multiply(shards_, (plan_.sharded_elements + kBlock) * size);
  if (sharded_gradients_.bytes() < gradients) sharded_gradients_ = Memory(gradients);
}

template <class T>
void Executor<T>::run(const Batch<T>& batch, uint64_t version, const Optimizer<T>* optimizer) {
  batch_ = batch;
  optimizer_ = optimizer;
  if (profile_) {
    profiled_images_ += batch.count;
    profiled_runs_++;
  }
  threads_ = Pool::size();  // once: buffers are made for as many
  if (plan_.mode == Mode::train) shards_ = shard_count(plan_, batch.count);
  reserve(batch.count, threads_);
  version_ = version;
  if (!own_packs_) run_packs();
  for (int64_t i = 0, count = micro_batches(); i < count; i++) {
    micro_ = micro_batch(i, count);
    for (const Stage& stage : plan_.stages) {
      if (stage.scope == Scope::images) run_images(stage);
      if (stage.scope != Scope::batch) continue;
      if (is_host(stage)) run_host(stage);
      else run_batch(stage);
    }
  }
}

// Their number changes no bit: images are summed in the same groups, at least one for each thread.
template <class T>
int64_t Executor<T>::micro_batches() const {
  if (!plan_.micro_batches) return 1;
  const int64_t bytes = std::max<int64_t>(1, plan_.image_elements * sizeof(T) + 2 * plan_.image_winners);
  const int64_t images = threads_ * std::max(kFewestImages, kMicroBatchBytes / bytes);
  return std::clamp<int64_t>((batch_.count + images / 2) / images, 1, std::max(1, shards_ / threads_));
}

template <class T>
typename Executor<T>::MicroBatch Executor<T>::micro_batch(int64_t index, int64_t count) const {
  if (shards_ == 0) return {{0, batch_.count}, {0, 0}};
  const int64_t group = index * shards_ / count, end = (index + 1) * shards_ / count;
  const int64_t first = group_start(group);
  return {{first, group_start(end) - first}, {group, end - group}};
}

template <class T>
void Executor<T>::run_images(const Stage& stage) {
  const int64_t images = micro_.images.count;
  if (plan_.mode != Mode::train && images < threads_) return run_slices(stage);
  const int64_t chains = static_cast<int64_t>(stage.chains.size());
  int block = 1;
  for (const Chain& chain : stage.chains) block = std::max(block, chain.images);
  // No larger than a block, and no fewer than threads.
  const int64_t groups =
      stage.shards ? micro_.groups.count : std::max(divide_up(images, block), std::min<int64_t>(images, threads_));
  // The chains of a group side by side, so that a thread meets the images that it has in its cache.
  Pool::run(threads_, groups * chains, [&](int64_t task, int worker) {
    if (own_packs_) run_own_packs(worker);
    const Chain& chain = stage.chains[static_cast<size_t>(task % chains)];
    const int64_t index = task / chains;
    const int shard = narrow(micro_.groups.first + index);
    clear_gradients(chain, shard);
    const auto start = [&](int64_t i) {
      return stage.shards ? group_start(micro_.groups.first + i) : micro_.images.first + i * images / groups;
    };
    const int64_t last = start(index + 1);
    for (int64_t image = start(index); image < last; image += chain.images)
      run_block(chain, {image, worker, shard, 0, narrow(std::min<int64_t>(chain.images, last - image))});
  });
}

template <class T>
void Executor<T>::run_block(const Chain& chain, const Place& first) const {
  for (int step : chain.steps) {
    if (winograd_tiles(plan_.units[plan_.steps[step].unit], plan_.steps[step].kernel).size > 0) {
      time_image_step(step, first);
      continue;
    }
    for (int lane = 0; lane < first.images; lane++)
      time_image_step(step, {first.image + lane, first.worker, first.shard, lane});
  }
}

template <class T>
void Executor<T>::time_image_step(int index, const Place& place) const {
  const Step& step = plan_.steps[index];
  if (!profile_) return run_image_step(step, place);
  profile_->time(place.worker, static_cast<size_t>(index), [&] { run_image_step(step, place); });
  // In the first run only: counting takes as long as a small kernel.
  if (profiled_runs_ == 1 && counts_winners(step.kernel))
    profile_->add_share(place.worker, static_cast<size_t>(index), living(step, place));
}

// The share of a pool's outputs that got through ReLU.
template <class T>
double Executor<T>::living(const Step& step, const Place& place) const {
  const uint16_t* masks = winners(step.winners, place);
  int64_t count = 0;
  for (int64_t i = 0; i < plan_.tensors[step.winners].winner_count; i++) count += std::popcount(masks[i]);
  return static_cast<double>(count) / static_cast<double>(plan_.units[step.unit].out.size());
}

template <class T>
void Executor<T>::profile(Profile* into) {
  profile_ = into;
  profiled_images_ = profiled_runs_ = 0;
}

template <class T>
size_t Executor<T>::profile_lines() const {
  return plan_.steps.size() + plan_.packs.size();
}

template <class T>
ProfileLine Executor<T>::profile_line(const Profile& profile, size_t index) const {
  ProfileLine line;
  const double share = profile.collect(index, line);
  if (index >= plan_.steps.size()) {
    const Pack& pack = plan_.packs[index - plan_.steps.size()];
    line.stage = "weights";
    line.kernel = kernel_name(pack.kernel);
    line.unit = plan_.units[pack.unit].name;
    return line;
  }
  const Step& step = plan_.steps[index];
  const bool images = step.scope == Scope::images;
  line.stage = images ? "images" : "batch";
  line.kernel = kernel_name(step.kernel);
  line.unit = plan_.units[step.unit].name;
  const Work& work = work_of_[index];
  // Steps over the batch and slices of an image are several calls of one piece of work.
  const double times = static_cast<double>(profiled_images_), runs = static_cast<double>(profiled_runs_);
  line.multiply_adds = work.multiply_adds * (counts_winners(step.kernel) ? share * runs : times);
  line.bytes = work.bytes * times + work.weight_bytes * (images ? times : runs);
  return line;
}

// Fewer images than threads: the steps of an image are split into rows.
template <class T>
void Executor<T>::run_slices(const Stage& stage) {
  for (int64_t image = 0; image < batch_.count; image++)
    for (size_t first = 0; first < stage.steps.size();) {
      size_t count = 1;
      while (first + count < stage.steps.size() && keeps_rows(std::span(stage.steps).subspan(first, count + 1)))
        count++;
      const std::span<const int> steps = std::span(stage.steps).subspan(first, count);
      const int slices = narrow(slices_of(steps));
      Pool::run(threads_, slices, [&](int64_t slice, int worker) {
        for (int step : steps) time_image_step(step, {image, worker, 0, 0, 1, narrow(slice), slices});
      });
      first += count;
    }
}

// Whether the last of some steps reads only rows that the same slice of the step before has made, so that no slice
// waits for another: a 1x1 convolution, behind anything but Winograd's, whose slices may be outputs. What it writes
// must not lie where slices that are late still read.
template <class T>
bool Executor<T>::keeps_rows(std::span<const int> steps) const {
  const Step &before = plan_.steps[steps[steps.size() - 2]], &step = plan_.steps[steps.back()];
  const Unit &from = plan_.units[before.unit], &u = plan_.units[step.unit];
  if (step.kernel != KernelId::conv_forward || step.src != before.dst || !takes_rows(before.kernel) ||
      winograd_tiles(from, before.kernel).size > 0 || u.window.rows != 1 || u.window.stride_rows != 1 ||
      u.window.top != 0 || u.out.rows != from.out.rows)
    return false;
  const auto place = [this](int tensor) { return start(tensor, {}); };
  return std::ranges::none_of(steps, [&](int i) { return place(plan_.steps[i].src) == place(step.dst); });
}

template <class T>
bool Executor<T>::takes_rows(KernelId kernel) {
  switch (kernel) {
    case KernelId::conv_forward:
    case KernelId::conv_relu_maxpool_forward:
    case KernelId::conv_winograd_forward:
    case KernelId::conv_winograd_relu_maxpool_forward:
    case KernelId::depthwise_forward: return true;
    default: return false;
  }
}

template <class T>
int64_t Executor<T>::slices_of(std::span<const int> steps) const {
  const Step& step = plan_.steps[steps.front()];
  double work = 0;
  for (int i : steps) work += work_of_[i].multiply_adds;
  if (!takes_rows(step.kernel) || work < kSplitWork) return 1;
  const Unit& u = plan_.units[step.unit];
  const int64_t tile_rows = winograd_tiles(u, step.kernel).rows;
  return std::min<int64_t>(threads_, tile_rows > 0 ? std::max(tile_rows, padded(u.out.channels) / kBlock) : u.out.rows);
}

template <class T>
void Executor<T>::clear_gradients(const Chain& chain, int shard) const {
  for (int parameter : chain.gradients) {
    T* sums = shard_gradient(parameter, {0, 0, shard});
    std::memset(sums, 0, static_cast<size_t>(plan_.parameters[parameter].elements) * sizeof(T));
  }
}

template <class T>
T* Executor<T>::start(int tensor, const Place& place) const {
  const Tensor& t = plan_.tensors[tensor];
  if (t.scratch)
    return scratch_[place.owner()].elements.template as<T>() + t.offset * plan_.images_at_once +
           place.lane * t.elements();
  // Buffers over images lie one tensor after the other, its images side by side: rows of a matrix for dense layers.
  if (t.kept) return kept_.as<T>() + t.offset * capacity_ + place.image * t.elements();
  return images_.as<T>() + t.offset * micro_capacity_ + (place.image - micro_.images.first) * t.elements();
}

template <class T>
T* Executor<T>::at(int tensor, const Place& place) const {
  return start(tensor, place) + plan_.tensors[tensor].origin();
}

template <class T>
uint16_t* Executor<T>::winners(int tensor, const Place& place) const {
  if (tensor < 0) return nullptr;
  const Tensor& t = plan_.tensors[tensor];
  return t.scratch ? scratch_[place.owner()].winners.template as<uint16_t>() + t.offset * plan_.images_at_once +
                         place.lane * t.elements()
                   : image_winners_.as<uint16_t>() + t.offset * micro_capacity_ +
                         (place.image - micro_.images.first) * t.elements();
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
T* Executor<T>::gradient(const ParameterPlan& p, int shard) const {
  return p.sharded ? sharded_gradients_.as<T>() + shard * (plan_.sharded_elements + kBlock) + p.offset
                   : batch_gradients_.as<T>() + p.offset;
}

template <class T>
const T* Executor<T>::output(size_t head, int64_t image) const {
  return at(plan_.heads[head].tensor, {image, 0, 0});
}

template class Executor<float>;
template class Executor<double>;

}  // namespace galago
