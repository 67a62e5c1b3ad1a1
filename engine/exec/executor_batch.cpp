// The steps that run over the whole batch, split into tasks of fixed size.
#include <algorithm>
#include <string>

#include "exec/executor.h"
#include "threads/pool.h"

namespace galago {
namespace {

int64_t row_groups(int64_t images) { return divide_up(images, kRowsATask); }

template <class T>
constexpr InputType own_type = sizeof(T) == sizeof(float) ? InputType::f32 : InputType::f64;

}  // namespace

template <class T>
int64_t Executor<T>::batch_tasks(const Step& step) const {
  const Unit& u = plan_.units[step.unit];
  switch (step.kernel) {
    case KernelId::dense_forward:
      return (step.apart ? dense_parts(u.in.size(), u.out.channels) : row_groups(micro_.images.count)) *
             divide_up(u.out.channels, kPanel);
    case KernelId::batch_norm_statistics:
    case KernelId::batch_norm_backward_parameters: return divide_up(u.out.channels, kBlock);
    case KernelId::dense_backward_weights:
    case KernelId::dense_backward_input: return divide_up(u.in.size(), kDenseInputs);
    default: return row_groups(micro_.images.count);
  }
}

template <class T>
typename Executor<T>::Rows Executor<T>::row_group(int64_t group) const {
  const int64_t first = group * kRowsATask;
  return {micro_.images.first + first, std::min(kRowsATask, micro_.images.count - first)};
}

template <class T>
void Executor<T>::run_batch_step(const Step& step, int64_t task, int worker) {
  switch (step.kernel) {
    case KernelId::dense_forward: {
      const int64_t outputs = plan_.units[step.unit].out.channels;
      const auto panel = [outputs](int64_t index) {
        return Rows{index * kPanel, std::min<int64_t>(kPanel, outputs - index * kPanel)};
      };
      if (step.apart) {
        const int64_t panels = divide_up(outputs, kPanel);
        return dense_forward(step, micro_.images, panel(task % panels), narrow(task / panels), worker);
      }
      // Panel after panel, so that a thread meets the weights it has in its cache again.
      const int64_t groups = row_groups(micro_.images.count);
      return dense_forward(step, row_group(task % groups), panel(task / groups), -1, worker);
    }
    case KernelId::dense_backward_weights: return kernels_.dense_backward_weights(dense_part(step, task, worker));
    case KernelId::dense_backward_input: return kernels_.dense_backward_input(dense_part(step, task, worker));
    case KernelId::batch_norm_statistics: return batch_norm_statistics(step, task);
    case KernelId::batch_norm_backward_parameters: return batch_norm_backward_parameters(step, task);
    default: return run_rows_step(step, row_group(task), worker);
  }
}

template <class T>
void Executor<T>::run_rows_step(const Step& step, Rows rows, int worker) {
  switch (step.kernel) {
    case KernelId::load_input: return load_rows(step, rows);
    case KernelId::dense_forward:
      return dense_forward(step, rows, {0, plan_.units[step.unit].out.channels}, -1, worker);
    case KernelId::dense_add_parts: return dense_add_parts(step, rows);
    case KernelId::dense_transpose_gradient: return kernels_.dense_transpose_gradient(dense_gradient(step, rows));
    case KernelId::dense_backward_input: return kernels_.dense_backward_input(dense_gradient(step, rows));
    case KernelId::loss: return loss(step, rows, worker);
    default: return batch_rows(step, rows);
  }
}

// An input that dense layers read is left where it is, if its numbers are of the engine's type.
template <class T>
bool Executor<T>::reads_in_place(int tensor) const {
  const int source = plan_.tensors[static_cast<size_t>(tensor)].plain_input;
  return source >= 0 && batch_.inputs[static_cast<size_t>(source)].type == own_type<T>;
}

template <class T>
void Executor<T>::load_rows(const Step& step, Rows rows) const {
  if (reads_in_place(step.dst)) return;
  for (int64_t image = rows.first; image < rows.first + rows.count; image++) load_input(step, {image, 0, 0});
}

template <class T>
typename Executor<T>::Source Executor<T>::rows_source(int tensor, int64_t first) const {
  if (reads_in_place(tensor)) {
    const auto source = static_cast<size_t>(plan_.tensors[static_cast<size_t>(tensor)].plain_input);
    return {static_cast<const T*>(batch_.inputs[source].data), samples_[source].size(), batch_.rows + first};
  }
  return {at(tensor, {first}), plan_.tensors[tensor].elements(), in_order_.data()};
}

// One part of the inputs, whose sums are left apart, or all of them (-1).
template <class T>
void Executor<T>::dense_forward(const Step& step, Rows rows, Rows outputs, int part, int worker) const {
  const Unit& u = plan_.units[step.unit];
  const Source src = rows_source(step.src, rows.first);
  DenseArgs<T> a{};
  a.src = src.data;
  a.src_row = src.row;
  a.src_rows = src.rows;
  a.rows = narrow(rows.count);
  a.inputs = narrow(u.in.size());
  a.parts = a.last_part = narrow(dense_parts(u.in.size(), u.out.channels));
  a.weights = weight(u.kernel) + outputs.first;
  a.weights_row = padded(u.out.channels);
  a.dst = at(step.dst, {rows.first, 0, 0}) + outputs.first;
  a.dst_row = plan_.tensors[step.dst].elements();
  a.outputs = narrow(outputs.count);
  a.scratch = work({0, worker, 0});
  if (part >= 0) {
    a.first_part = part;
    a.last_part = part + 1;
    a.dst += part * padded(u.out.channels);
  } else {
    a.bias = u.bias < 0 ? nullptr : weight(u.bias) + outputs.first;
    a.relu = u.relu;
  }
  kernels_.dense_forward(a);
}

template <class T>
void Executor<T>::dense_add_parts(const Step& step, Rows rows) const {
  const Unit& u = plan_.units[step.unit];
  DensePartsArgs<T> a{};
  a.src = at(step.src, {rows.first, 0, 0});
  a.src_row = plan_.tensors[step.src].elements();
  a.rows = narrow(rows.count);
  a.parts = narrow(dense_parts(u.in.size(), u.out.channels));
  a.outputs = narrow(u.out.channels);
  a.bias = weight(u.bias);
  a.dst = at(step.dst, {rows.first, 0, 0});
  a.dst_row = plan_.tensors[step.dst].elements();
  a.relu = u.relu;
  kernels_.dense_add_parts(a);
}

template <class T>
DenseGradArgs<T> Executor<T>::dense_gradient(const Step& step, Rows rows) const {
  const Unit& u = plan_.units[step.unit];
  const Place first{rows.first};
  DenseGradArgs<T> a{};
  if (step.src >= 0) {
    const Source src = rows_source(step.src, rows.first);
    a.src = src.data;
    a.src_row = src.row;
    a.src_rows = src.rows;
  }
  a.grad = at(step.grad, first);
  a.grad_row = plan_.tensors[step.grad].elements();
  a.batch = narrow(rows.count);
  a.last_input = narrow(u.in.size());
  a.outputs = narrow(u.out.channels);
  a.weights = weight(u.kernel);
  a.weights_row = padded(u.out.channels);
  a.grad_weights = batch_gradient(u.kernel);
  a.grad_bias = batch_gradient(u.bias);
  if (step.grad_src >= 0) {
    a.grad_src = at(step.grad_src, first);
    a.grad_src_row = plan_.tensors[step.grad_src].elements();
  }
  if (!sums_the_batch(step.kernel)) a.scratch = transposed_.as<T>() + rows.first - micro_.images.first;
  a.scratch_row = padded(micro_.images.count);
  return a;
}

// What one task has of it: some inputs. A gradient that an optimizer waits for stays in the cache.
template <class T>
DenseGradArgs<T> Executor<T>::dense_part(const Step& step, int64_t task, int worker) const {
  DenseGradArgs<T> a = dense_gradient(step, sums_the_batch(step.kernel) ? Rows{0, batch_.count} : micro_.images);
  const int32_t inputs = a.last_input;
  a.first_input = narrow(task * kDenseInputs);
  a.last_input = narrow(std::min<int64_t>(inputs, a.first_input + kDenseInputs));
  a.grad_weights = updates(step) ? work({0, worker, 0}) : a.grad_weights + a.first_input * a.weights_row;
  if (task > 0) a.grad_bias = nullptr;
  return a;
}

// The gradient of these weights is complete after its step, and nobody reads them any more: they follow it at once, and
// it never gets to memory.
template <class T>
void Executor<T>::update_dense(const Step& step, int64_t task, int worker) const {
  const DenseGradArgs<T> a = dense_part(step, task, worker);
  T* const grad = a.grad_weights;
  optimizer_->update(weights_, plan_.units[step.unit].kernel, a.first_input * a.weights_row,
                     (a.last_input - a.first_input) * a.weights_row, &grad, 1);
}

// The kernel's rows are images; of maps it gets one at a time, whose places are the rows.
template <class T>
void Executor<T>::loss(const Step& step, Rows rows, int worker) {
  const int64_t positions = plan_.heads[static_cast<size_t>(step.head)].positions;
  if (positions == 1) return loss_rows(step, rows.first, rows.count, worker);
  for (int64_t image = rows.first; image < rows.first + rows.count; image++) loss_rows(step, image, positions, worker);
}

template <class T>
void Executor<T>::loss_rows(const Step& step, int64_t image, int64_t count, int worker) {
  const auto index = static_cast<size_t>(step.head);
  const Head& head = plan_.heads[index];
  const Targets<T>& targets = batch_.targets[index];
  const int64_t positions = head.positions, classes = plan_.units[step.unit].out.size() / positions;
  const int64_t row = image * positions;
  const auto stride = [&](int tensor) { return positions == 1 ? plan_.tensors[tensor].elements() : classes; };
  LossArgs<T> a{};
  a.kind = head.loss.kind;
  a.options = head.loss.options;
  a.from_logits = head.loss.from_logits || head.fused;
  a.accuracy = head.loss.accuracy;
  a.src = at(step.src, {image, 0, 0});
  a.src_row = stride(step.src);
  if (step.dst >= 0) {
    a.outputs = at(step.dst, {image, 0, 0});
    a.outputs_row = stride(step.dst);
  }
  a.labels = targets.labels(row);
  a.targets = targets.values(row);
  a.targets_row = classes;
  a.rows = narrow(count);
  a.classes = narrow(classes);
  a.scale = targets.scale();
  a.weights = targets.weights(row);
  if (step.grad_src >= 0) {
    a.grad = at(step.grad_src, {image, 0, 0});
    a.grad_row = stride(step.grad_src);
  }
  a.losses = losses_.data() + first_row(head) + row;
  a.accuracies = accuracies_.data() + first_row(head) + row;
  a.scratch = work({0, worker, 0});
  kernels_.loss(a);
}

template <class T>
ActivationArgs<T> Executor<T>::activation(const Step& step) const {
  const Unit& u = plan_.units[step.unit];
  ActivationArgs<T> a{};
  // Others than activations bring their own: a ReLU that was fused into them, or none.
  const bool own = u.kind == UnitKind::activation || u.kind == UnitKind::softmax;
  a.kind = own ? u.activation : u.relu ? Activation::relu : Activation::linear;
  a.alpha = static_cast<T>(u.alpha);
  a.beta = static_cast<T>(u.activation_beta);
  a.limit = static_cast<T>(u.limit);
  a.cols = narrow(u.out.channels);
  return a;
}

template <class T>
void Executor<T>::run_rows(KernelId kernel, const ActivationArgs<T>& a) const {
  switch (kernel) {
    case KernelId::activation_forward: return kernels_.activation_forward(a);
    case KernelId::activation_backward: return kernels_.activation_backward(a);
    case KernelId::softmax_forward: return kernels_.softmax_forward(a);
    case KernelId::softmax_backward: return kernels_.softmax_backward(a);
    default: throw EngineError(std::string("the step ") + kernel_name(kernel) + " does not run over rows");
  }
}

// Activations and softmax of vectors: the kernel's rows are images.
template <class T>
void Executor<T>::batch_rows(const Step& step, Rows rows) const {
  const Unit& u = plan_.units[step.unit];
  const auto stride = [&](int tensor) { return tensor < 0 ? 0 : plan_.tensors[tensor].elements(); };
  const auto row = [&](int tensor) { return tensor < 0 ? nullptr : at(tensor, {rows.first, 0, 0}); };
  ActivationArgs<T> a = activation(step);
  a.rows = narrow(rows.count);
  // A row has room for whole blocks, which are quicker; a softmax must not see the padding.
  if (u.kind != UnitKind::softmax) a.cols = narrow(padded(u.out.channels));
  a.src = row(step.src);
  a.dst = row(step.dst);
  a.out = row(step.out);
  a.grad = row(step.grad);
  a.grad_src = row(step.grad_src);
  a.src_row = stride(step.src);
  a.dst_row = stride(step.dst);
  a.out_row = stride(step.out);
  a.grad_row = stride(step.grad);
  a.grad_src_row = stride(step.grad_src);
  run_rows(step.kernel, a);
}

template int64_t Executor<float>::batch_tasks(const Step&) const;
template int64_t Executor<double>::batch_tasks(const Step&) const;
// About how many multiply-adds a step over the batch is worth, lanes that stay empty included.
template <class T>
double Executor<T>::batch_work(int index) const {
  constexpr double element = 8;  // of an activation, a loss, a sum over images
  const Step& step = plan_.steps[index];
  if (step.kernel == KernelId::load_input && reads_in_place(step.dst)) return 0;
  const int64_t outputs = plan_.units[step.unit].out.size();
  const double products =
      work_of_[index].multiply_adds * static_cast<double>(padded(outputs)) / static_cast<double>(outputs);
  const int64_t images = sums_the_batch(step.kernel) ? batch_.count : micro_.images.count;
  return static_cast<double>(images) * (products > 0 ? products : element * static_cast<double>(outputs));
}

template <class T>
void Executor<T>::run_batch(const Stage& stage) {
  const auto run = [&](const std::vector<int>& of_stage, int64_t tasks, const auto& run_step) {
    std::vector<int> steps;
    std::ranges::copy_if(of_stage, std::back_inserter(steps), [this](int step) { return is_due(step); });
    if (steps.empty()) return;
    double work = 0;
    for (int step : steps) work += batch_work(step);
    Pool::run(work < kSplitWork ? 1 : threads_, tasks, [&](int64_t task, int worker) {
      for (int i : steps) {
        const Step& step = plan_.steps[i];
        timed(worker, static_cast<size_t>(i), [&] { run_step(step, task, worker); });
        if (updates(step))
          timed(worker, profile_lines() + static_cast<size_t>(plan_.units[step.unit].kernel),
                [&] { update_dense(step, task, worker); });
      }
    });
  };
  const auto part = [&](const Step& step, int64_t task, int worker) { run_batch_step(step, task, worker); };
  const auto rows = [&](const Step& step, int64_t task, int worker) { run_rows_step(step, row_group(task), worker); };
  if (!stage.rows) return run(stage.steps, batch_tasks(plan_.steps[stage.steps.front()]), part);
  const int64_t groups = row_groups(micro_.images.count);
  if (groups >= threads_) return run(stage.steps, groups, rows);
  // Fewer groups of rows than threads: large dense layers are split by their outputs.
  for (int step : stage.steps) run({step}, batch_tasks(plan_.steps[step]), part);
}

template void Executor<float>::run_batch(const Stage&);
template void Executor<double>::run_batch(const Stage&);
template ActivationArgs<float> Executor<float>::activation(const Step&) const;
template ActivationArgs<double> Executor<double>::activation(const Step&) const;
template void Executor<float>::run_rows(KernelId, const ActivationArgs<float>&) const;
template void Executor<double>::run_rows(KernelId, const ActivationArgs<double>&) const;

}  // namespace galago
