// The steps that a host computes: the executor hands over whole batches and copies what comes back. They run on the
// thread that called, outside of the pool, which the host may use meanwhile.
#include "exec/executor.h"
#include "threads/pool.h"

namespace galago {

template <class T>
void Executor<T>::run_host(const Stage& stage) {
  for (int index : stage.steps)
    timed(0, static_cast<size_t>(index), [&] {
      const Step& step = plan_.steps[static_cast<size_t>(index)];
      if (step.kernel == KernelId::host_forward) host_forward(step);
      else host_backward(step);
    });
}

// Copies every image of a tensor to rows without gaps, or back.
template <class T>
void Executor<T>::copy_rows(int tensor, T* to, const T* from) const {
  const Tensor& t = plan_.tensors[static_cast<size_t>(tensor)];
  const int64_t size = t.shape.size(), row = t.shape.cols * t.shape.channels, col = t.shape.channels;
  const int32_t rows = narrow(t.shape.rows), cols = narrow(t.shape.cols), channels = narrow(col);
  const bool few = static_cast<double>(batch_.count * size) < kSplitWork;
  Pool::run(few ? 1 : threads_, batch_.count, [&](int64_t image, int) {
    const Map<T> m = map(tensor, {image});
    if (to) kernels_.copy_map({m.data, m.row, m.col, to + image * size, row, col, rows, cols, channels});
    else kernels_.copy_map({from + image * size, row, col, m.data, m.row, m.col, rows, cols, channels});
  });
}

template <class T>
HostArray Executor<T>::gathered(int tensor) const {
  const int64_t size = plan_.tensors[static_cast<size_t>(tensor)].shape.size();
  HostArray array{batch_.count, size, Memory(checked_multiply(batch_.count, size * int64_t{sizeof(T)}))};
  copy_rows(tensor, array.data.template as<T>(), nullptr);
  return array;
}

template <class T>
void Executor<T>::scatter(int tensor, const void* rows) const {
  copy_rows(tensor, nullptr, static_cast<const T*>(rows));
}

template <class T>
HostCall Executor<T>::host_call(const Step& step) const {
  const Unit& u = plan_.units[static_cast<size_t>(step.unit)];
  HostCall call;
  call.node = u.node;
  call.training = plan_.mode == Mode::train;
  for (int tensor : step.sources) call.inputs.push_back(gathered(tensor));
  for (int p : u.weights) {
    const int64_t size = plan_.parameters[static_cast<size_t>(p)].outputs, bytes = size * int64_t{sizeof(T)};
    HostArray array{1, size, Memory(bytes)};
    std::memcpy(array.data.template as<T>(), weight(p), static_cast<size_t>(bytes));
    call.parameters.push_back(std::move(array));
  }
  return call;
}

template <class T>
void Executor<T>::host_forward(const Step& step) const {
  HostCall call = host_call(step);
  call.results = {batch_.count * plan_.units[static_cast<size_t>(step.unit)].out.size()};
  host_->run(std::move(call), [&](size_t, const void* numbers) { scatter(step.dst, numbers); });
}

template <class T>
void Executor<T>::host_backward(const Step& step) const {
  const Unit& u = plan_.units[static_cast<size_t>(step.unit)];
  HostCall call = host_call(step);
  call.backward = true;
  call.gradient = gathered(step.grad);
  for (int tensor : step.grad_sources)
    call.results.push_back(tensor < 0 ? 0 : batch_.count * plan_.tensors[static_cast<size_t>(tensor)].shape.size());
  for (int p : u.weights) call.results.push_back(plan_.parameters[static_cast<size_t>(p)].outputs);
  const size_t inputs = step.grad_sources.size();
  host_->run(std::move(call), [&](size_t result, const void* numbers) {
    if (result < inputs) return scatter(step.grad_sources[result], numbers);
    const int p = u.weights[result - inputs];
    const int64_t size = plan_.parameters[static_cast<size_t>(p)].outputs;
    std::memcpy(batch_gradient(p), numbers, static_cast<size_t>(size) * sizeof(T));
  });
}

template void Executor<float>::run_host(const Stage&);
template void Executor<double>::run_host(const Stage&);

}  // namespace galago
