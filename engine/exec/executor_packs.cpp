// Weights laid out for the kernels that read them.
#include <algorithm>

#include "exec/executor.h"
#include "threads/pool.h"

namespace galago {

template <class T>
int64_t Executor<T>::pack_tasks(const Pack& pack) const {
  const Unit& u = plan_.units[pack.unit];
  const int64_t outputs = u.out.channels / u.groups, channels = u.in.channels / u.groups;
  const auto panels = [](int64_t n) { return divide_up(padded(n), kPanel); };
  switch (pack.kernel) {
    case KernelId::pack_winograd: return panels(outputs) * (padded(channels) / kBlock);
    case KernelId::pack_winograd_transposed: return panels(channels) * (padded(outputs) / kBlock);
    case KernelId::pack_channel_blocks: return padded(channels) / kBlock;
    case KernelId::pack_panels_transposed:
      return u.groups * static_cast<int64_t>(pack.classes.size()) * panels(channels);
    case KernelId::batch_norm_coefficients: return 1;
    default: return u.groups * panels(outputs);
  }
}

template <class T>
void Executor<T>::run_coefficients(const Pack& pack, int worker) const {
  const Unit& u = plan_.units[pack.unit];
  NormCoefficientsArgs<T> a{};
  a.gamma = weight(u.gamma);
  a.beta = weight(u.beta);
  a.mean = weight(u.mean);
  a.variance = weight(u.variance);
  a.bias = weight(u.bias);
  a.epsilon = u.normalization.epsilon;
  a.channels = narrow(u.out.channels);
  a.scale = packed(pack, worker);
  a.shift = a.scale + padded(u.out.channels);
  kernels_.batch_norm_coefficients(a);
}

template <class T>
void Executor<T>::run_pack(const Pack& pack, int64_t task, int worker) const {
  if (pack.kernel == KernelId::batch_norm_coefficients) return run_coefficients(pack, worker);
  const Unit& u = plan_.units[pack.unit];
  const ParameterPlan& p = plan_.parameters[u.kernel];
  PackArgs<T> a{};
  a.ohwi = p.layout == WeightLayout::ohwi;
  a.tap_count = static_cast<int32_t>(p.taps);
  a.channels = static_cast<int32_t>(p.inputs);
  a.outputs = static_cast<int32_t>(p.outputs);
  a.row = a.ohwi ? p.taps * padded(p.inputs) : padded(p.outputs);
  a.weights = weight(u.kernel);
  a.dst = packed(pack, worker);
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
      a.tile = narrow(u.winograd);
      a.first_channel = static_cast<int32_t>(take(padded(p.inputs) / kBlock)) * kBlock;
      a.last_channel = std::min(a.channels, a.first_channel + kBlock);
      a.index = static_cast<int32_t>(task);
      return kernels_.pack_winograd(a);
    case KernelId::pack_winograd_transposed:
      a.tile = narrow(u.winograd_input);
      a.first_channel = static_cast<int32_t>(take(padded(p.outputs) / kBlock)) * kBlock;
      a.last_channel = std::min(a.outputs, a.first_channel + kBlock);
      a.index = static_cast<int32_t>(task);
      return kernels_.pack_winograd_transposed(a);
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

// Those that all threads read.
template <class T>
void Executor<T>::run_packs() {
  if (packs_.front().version == version_) return;
  int64_t tasks = 0;
  for (const Pack& pack : plan_.packs) tasks += pack_tasks(pack);
  Pool::run(threads_, tasks, [&](int64_t task, int worker) {
    for (size_t i = 0; i < plan_.packs.size(); i++) {  // which pack's task is it?
      const Pack& pack = plan_.packs[i];
      const int64_t count = pack_tasks(pack);
      if (task < count) return timed(worker, plan_.steps.size() + i, [&] { run_pack(pack, task, worker); });
      task -= count;
    }
  });
  packs_.front().version = version_;
}

// A thread's own, when it comes to its first task of a run.
template <class T>
void Executor<T>::run_own_packs(int worker) {
  Packed& own = packs_[static_cast<size_t>(worker)];
  if (own.version == version_) return;
  for (size_t i = 0; i < plan_.packs.size(); i++)
    timed(worker, plan_.steps.size() + i, [&] {
      const Pack& pack = plan_.packs[i];
      for (int64_t task = 0; task < pack_tasks(pack); task++) run_pack(pack, task, worker);
    });
  own.version = version_;
}

template void Executor<float>::run_packs();
template void Executor<double>::run_packs();
template void Executor<float>::run_own_packs(int);
template void Executor<double>::run_own_packs(int);

}  // namespace galago
