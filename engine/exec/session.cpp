#include "exec/session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>

#include "exec/constraint.h"
#include "exec/copies.h"
#include "exec/executor.h"
#include "exec/session_lock.h"
#include "exec/snapshot.h"
#include "exec/sums.h"
#include "threads/pool.h"

namespace galago {
namespace {

template <class T>
class SessionOf final : public Session {
 public:
  SessionOf(Graph graph, const KernelTable& table, std::unique_ptr<Host> host)
      : graph_(std::move(graph)), host_(std::move(host)), table_(table), optimizer_(kernels_of<T>(table)) {
    check(graph_);
    has_host_steps_ = std::ranges::count(graph_.nodes, Op::host, &Node::op) > 0;
    if (has_host_steps_ && !host_) throw EngineError("this graph needs a host for its 'host' nodes.");
    with_copies_ = give_copies(graph_);
    parameters_ = plan_parameters(with_copies_);
    weights_ = ParameterArena<T>(parameters_);
    trainable_.assign(parameters_.size(), true);
    losses_.resize(graph_.outputs.size());
  }

  const Graph& graph() const override { return graph_; }
  const char* isa() const override { return table_.isa; }

  void get_parameter(int index, void* keras) const override {
    const Work work(*this);
    weights_.get(parameter(index), static_cast<T*>(keras));
  }
  void set_parameter(int index, const void* keras) override {
    const Work work(*this);
    weights_.set(parameter(index), static_cast<const T*>(keras));
    renew_copies(parameters_, weights_);
    version_++;
  }

  void compile(const std::vector<LossSpec>& losses, const OptimizerSpec& optimizer, const std::vector<bool>& trainable,
               const std::vector<ParameterRule>& rules) override {
    const Work work(*this);
    require_values("trainable", trainable.size());
    require_values("rules", rules.size());
    if (losses.size() != graph_.outputs.size())
      throw EngineError("every output must have a loss: expected " + std::to_string(graph_.outputs.size()) +
                        ". Received: " + std::to_string(losses.size()) + ".");
    for (const LossSpec& loss : losses) check(loss);
    losses_ = losses;
    std::vector<bool> updated = trainable;  // copies follow what they are copies of
    updated.resize(parameters_.size(), false);
    std::vector<ParameterRule> all_rules = rules;
    all_rules.resize(parameters_.size());
    optimizer_.compile(optimizer, parameters_, updated, all_rules);
    trainable_ = trainable;
    for (size_t i = trainable.size(); i < parameters_.size(); i++)
      trainable_.push_back(trainable[static_cast<size_t>(parameters_[i].original)]);
    penalty_version_ = 0;
    for (auto& executor : executors_) executor.reset();
    last_ = nullptr;
    last_count_ = 0;
  }

  StepResult train_step(Inputs x, TargetViews y, const Selection& rows, double learning_rate) override {
    const Work work(*this);
    if (!optimizer_.exists()) throw EngineError("train_step needs an optimizer: compile with one first.");
    return train(x, y, rows, learning_rate);
  }
  StepResult test_step(Inputs x, TargetViews y, const Selection& rows) override {
    const Work work(*this);
    StepResult result = run(Mode::test, x, y, rows);
    result.loss += penalty();
    return result;
  }
  void finish_training() override {
    const Work work(*this);
    if (!optimizer_.averages()) return;
    for (size_t i = 0; i < parameters_.size(); i++)
      if (optimizer_.updates(static_cast<int>(i)))
        std::memcpy(weights_.at(parameters_[i]), optimizer_.moments().back().at(parameters_[i]),
                    static_cast<size_t>(parameters_[i].elements) * sizeof(T));
    renew_copies(parameters_, weights_);
    version_++;
  }
  void predict(Inputs x, int64_t start, int64_t stop, const std::vector<void*>& out) override {
    const Work work(*this);
    const int64_t rows = rows_of(x);
    if (start < 0 || stop <= start || stop > rows)
      throw EngineError("rows " + std::to_string(start) + " to " + std::to_string(stop) +
                        " are not a part of x, which has " + std::to_string(rows) + " rows.");
    // In pieces, so that memory does not grow with the number of rows. A row's result is its own.
    for (int64_t first = start; first < stop; first += kPredictRows) {
      run(Mode::predict, x, {}, {nullptr, first, std::min(kPredictRows, stop - first)});
      copy_outputs(out, first - start);
    }
  }

  StepResult gradients(Inputs x, TargetViews y, const Selection& rows, const std::vector<void*>& out) override {
    const Work work(*this);
    const StepResult result = run(Mode::train, x, y, rows);
    const Executor<T>& e = executor(Mode::train);
    gather_copies(parameters_, e);
    for (size_t i = 0; i < graph_.parameters.size(); i++) {
      const ParameterPlan& p = parameters_[i];
      if (!optimizer_.updates(static_cast<int>(i))) continue;
      T* keras = static_cast<T*>(out[i]);
      for_each_element(p, [&](int64_t at, int64_t k) {
        std::array<T, kMaxShards> sums;  // the same tree as in the update kernels
        const int shards = p.sharded ? e.shards() : 1;
        for (int s = 0; s < shards; s++) sums[s] = e.gradient(p, s)[at];
        for (int step = 1; step < shards; step *= 2)
          for (int s = 0; s + step < shards; s += 2 * step) sums[s] += sums[s + step];
        keras[k] = sums[0];
      });
    }
    return result;
  }

  int64_t last_count() const override {
    const Work work(*this);
    return last_count_;
  }
  void last_outputs(const std::vector<void*>& out) const override {
    const Work work(*this);
    copy_outputs(out, 0);
  }

  std::string plan(Mode mode) const override {
    const Work work(*this);
    std::string text = print(make_plan(with_copies_, mode, losses_, trainable_));
    if (mode != Mode::train || !optimizer_.exists()) return text;
    text += "stage update\n";
    for (size_t i = 0; i < graph_.parameters.size(); i++)
      if (optimizer_.updates(static_cast<int>(i)))
        for (KernelId kernel : optimizer_.kernels(static_cast<int>(i)))
          text += std::string("  ") + kernel_name(kernel) + " " + graph_.parameters[i].name + "\n";
    return text;
  }

  ProfileReport profile(Mode mode, Inputs x, TargetViews y, const Selection& rows, int64_t repeats) override {
    const Work work(*this);
    if (repeats < 1) throw EngineError("repeats must be 1 or more. Received: " + std::to_string(repeats) + ".");
    const bool trains = mode == Mode::train;
    if (trains && !optimizer_.exists())
      throw EngineError("profiling a train step needs an optimizer: compile with one first.");
    const Snapshot<T> before(weights_, optimizer_);
    const auto put_back = [&] {
      profile_ = nullptr;
      executor(mode).profile(nullptr);
      before.restore(weights_, optimizer_);
      version_++;
    };
    try {
      ProfileReport report = clocked(mode, x, y, rows, repeats);
      put_back();
      return report;
    } catch (...) {  // of a host
      put_back();
      throw;
    }
  }

  int64_t iterations() const override {
    const Work work(*this);
    return optimizer_.iterations();
  }
  void set_iterations(int64_t n) override {
    const Work work(*this);
    if (n < 0) throw EngineError("iterations must be 0 or more. Received: " + std::to_string(n) + ".");
    optimizer_.set_iterations(n);
  }
  double product() const override {
    const Work work(*this);
    return static_cast<double>(optimizer_.product());
  }
  void set_product(double product) override {
    const Work work(*this);
    optimizer_.set_product(static_cast<T>(product));
  }
  int moments() const override {
    const Work work(*this);
    return static_cast<int>(optimizer_.moments().size());
  }
  void get_moment(int moment, int index, void* keras) const override {
    const Work work(*this);
    arena_of(moment).get(parameter(index), static_cast<T*>(keras));
  }
  void set_moment(int moment, int index, const void* keras) override {
    const Work work(*this);
    arena_of(moment).set(parameter(index), static_cast<const T*>(keras));
  }

 private:
  struct Work : SessionLock::Hold {
    explicit Work(const SessionOf& session) : Hold(session.lock_) {}
  };

  ProfileReport clocked(Mode mode, Inputs x, TargetViews y, const Selection& rows, int64_t repeats) {
    const bool trains = mode == Mode::train;
    const auto step = [&] {
      if (trains) train(x, y, rows, 0);
      else run(mode, x, y, rows);
    };
    step();  // makes buffers
    Executor<T>& e = executor(mode);
    Profile profile(Pool::size(), e.profile_lines() + graph_.parameters.size());
    e.profile(&profile);
    profile_ = &profile;
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < repeats; i++) step();
    ProfileReport report;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report.threads = Pool::size();
    for (size_t i = 0; i < e.profile_lines(); i++) report.lines.push_back(e.profile_line(profile, i));
    for (size_t i = 0; i < graph_.parameters.size(); i++)
      if (trains && optimizer_.updates(static_cast<int>(i))) report.lines.push_back(update_line(profile, i, repeats));
    return report;
  }

  void require_values(const char* what, size_t count) const {
    if (count != graph_.parameters.size())
      throw EngineError(std::string(what) + " must name every parameter: expected " +
                        std::to_string(graph_.parameters.size()) + " values. Received: " + std::to_string(count) + ".");
  }
  const ParameterPlan& parameter(int index) const {
    if (index < 0 || index >= static_cast<int>(graph_.parameters.size()))
      throw EngineError("there is no parameter " + std::to_string(index) + ": the graph has " +
                        std::to_string(graph_.parameters.size()) + ".");
    return parameters_[index];
  }
  // The optimizer's pass over one parameter: sums the groups, reads and writes weights and moments.
  ProfileLine update_line(const Profile& profile, size_t parameter, int64_t repeats) const {
    const Executor<T>& e = *executors_[static_cast<size_t>(Mode::train)];
    ProfileLine line;
    profile.collect(e.profile_lines() + parameter, line);
    line.stage = "update";
    line.kernel = kernel_name(optimizer_.kernel());
    line.unit = graph_.parameters[parameter].name;
    const ParameterPlan& p = parameters_[parameter];
    const int64_t passes = (p.sharded ? e.shards() : 1) + 2 * (1 + static_cast<int64_t>(optimizer_.moments().size()));
    line.bytes = static_cast<double>(p.elements * static_cast<int64_t>(sizeof(T)) * passes * repeats);
    return line;
  }

  const ParameterArena<T>& arena_of(int moment) const {
    const std::vector<ParameterArena<T>>& moments = optimizer_.moments();
    if (moment < 0 || moment >= static_cast<int>(moments.size()))
      throw EngineError("there is no moment " + std::to_string(moment) + ": the optimizer keeps " +
                        std::to_string(moments.size()) + ".");
    return moments[static_cast<size_t>(moment)];
  }

  Executor<T>& executor(Mode mode) {
    std::unique_ptr<Executor<T>>& e = executors_[static_cast<size_t>(mode)];
    if (!e)
      e = std::make_unique<Executor<T>>(make_plan(with_copies_, mode, losses_, trainable_), table_, weights_,
                                        input_shapes(graph_), host_.get());
    return *e;
  }

  // The rows of a batch, taken over before anything else: the caller's array may change while the engine works.
  void take_rows(const Selection& rows, int64_t available) {
    if (rows.count < 1) throw EngineError("a batch needs at least one row.");
    rows_.clear();
    for (int64_t i = 0; i < rows.count; i++) {
      const int64_t row = rows.row(i);
      if (row < 0 || row >= available)
        throw EngineError("row " + std::to_string(row) + " is outside x or y, which have " + std::to_string(available) +
                          " rows.");
      rows_.push_back(row);
    }
  }

  // As many as all inputs have.
  static int64_t rows_of(Inputs x) {
    int64_t rows = x.front().rows;
    for (const InputView& input : x) rows = std::min(rows, input.rows);
    return rows;
  }

  Shape output_shape(size_t output) const { return graph_.nodes[static_cast<size_t>(graph_.outputs[output])].shape; }

  void take_targets(TargetViews y) {
    targets_.resize(losses_.size());
    for (size_t i = 0; i < losses_.size(); i++)
      if (losses_[i].kind != Loss::none) targets_[i].take(y[i], losses_[i], output_shape(i), rows_);
    for (const Penalty& p : penalties_) targets_.emplace_back().take({}, p.loss, p.shape, rows_);
  }

  StepResult run(Mode mode, Inputs x, TargetViews y, const Selection& rows, const Optimizer<T>* optimizer = nullptr) {
    const bool compares = mode != Mode::predict;
    const auto measured = [](const LossSpec& loss) { return loss.kind != Loss::none; };
    if (compares && std::ranges::none_of(losses_, measured))
      throw EngineError("this step needs a loss: compile with one first.");
    int64_t available = rows_of(x);
    for (size_t i = 0; compares && i < losses_.size(); i++)
      if (measured(losses_[i])) available = std::min(available, y[i].rows);
    take_rows(rows, available);
    if (compares) take_targets(y);
    Executor<T>& e = executor(mode);
    Batch<T> batch;
    batch.inputs = x;
    batch.rows = rows_.data();
    batch.count = rows.count;
    batch.targets = targets_;
    batch.step = static_cast<uint64_t>(optimizer_.iterations());
    last_count_ = 0;  // should a host break off
    e.run(batch, version_, optimizer);
    last_ = &e;
    last_count_ = rows.count;
    return compares ? results(e) : StepResult();
  }

  StepResult results(const Executor<T>& e) const {
    StepResult found;
    found.outputs.assign(losses_.size(), {std::nan(""), std::nan("")});
    for (size_t i = 0; i < losses_.size(); i++) {
      if (losses_[i].kind == Loss::none) continue;
      OutputResult& output = found.outputs[i];
      output.loss = targets_[i].reduced(e.losses(i), last_count_);
      if (losses_[i].accuracy != Accuracy::none) output.accuracy = targets_[i].mean(e.accuracies(i), last_count_);
      found.loss += losses_[i].weight * output.loss;
    }
    for (size_t i = losses_.size(); i < targets_.size(); i++)
      found.loss += targets_[i].reduced(e.losses(i), last_count_);
    return found;
  }

  // The last step's, to buffers of more rows from `row` on.
  void copy_outputs(const std::vector<void*>& out, int64_t row) const {
    for (size_t k = 0; k < out.size(); k++) {
      const int64_t size = output_shape(k).size();
      T* to = static_cast<T*>(out[k]) + row * size;
      for (int64_t i = 0; i < last_count_; i++)
        std::memcpy(to + i * size, last_->output(k, i), static_cast<size_t>(size) * sizeof(T));
    }
  }

  static constexpr int64_t kPredictRows = 256;

  StepResult train(Inputs x, TargetViews y, const Selection& rows, double learning_rate) {
    const double before = penalty();
    optimizer_.start_step(learning_rate);
    StepResult result = run(Mode::train, x, y, rows, updates_last() ? nullptr : &optimizer_);
    result.loss += before;
    const Executor<T>& e = executor(Mode::train);
    move_statistics(parameters_, weights_, e);
    gather_copies(parameters_, e);
    if (optimizer_.clips_norms()) clip_norms(e);
    update(e);
    constrain_weights();
    renew_copies(parameters_, weights_);
    optimizer_.end_step();
    version_++;
    return result;
  }

  // Norms are those of whole gradients: no weight may follow its own before all are there. Nor where a host might break
  // off the step.
  bool updates_last() const { return optimizer_.clips_norms() || has_host_steps_; }

  // What the weights as they are add to the loss; evaluation asks for it again and again.
  double penalty() {
    if (penalty_version_ != version_) penalty_ = optimizer_.penalty(weights_);
    penalty_version_ = version_;
    return penalty_;
  }

  // Every gradient whole, and made smaller where norms say so.
  void clip_norms(const Executor<T>& e) {
    std::vector<size_t> updated;
    std::vector<Summand<T>> gradients;
    for (size_t i = 0; i < parameters_.size(); i++) {
      if (!optimizer_.updates(static_cast<int>(i))) continue;
      updated.push_back(i);
      gradients.push_back({&parameters_[i], e.gradient(parameters_[i], 0)});
    }
    each_piece(
        e, [&](size_t i) { return optimizer_.updates(static_cast<int>(i)); },
        [&](int parameter, int64_t first, int64_t count, T* const* grads, int shards) {
          optimizer_.gather(weights_, parameter, first, count, grads, shards);
        });
    const std::vector<Sums> sums = sum_parameters(kernels_of<T>(table_), gradients);
    std::vector<double> squares(parameters_.size());
    for (size_t i = 0; i < sums.size(); i++) squares[updated[i]] = sums[i].squares;
    optimizer_.clip(squares);
  }

  void constrain_weights() {
    std::vector<int> constrained;
    for (int i = 0; i < static_cast<int>(parameters_.size()); i++)
      if (optimizer_.updates(i) && optimizer_.rule(i).constraint.kind != Constraint::Kind::none)
        constrained.push_back(i);
    Pool::run(Pool::size(), static_cast<int64_t>(constrained.size()), [&](int64_t task, int) {
      const int i = constrained[static_cast<size_t>(task)];
      const Parameter& known = graph_.parameters[static_cast<size_t>(i)];
      std::vector<T> keras(static_cast<size_t>(known.size()));
      weights_.get(parameter(i), keras.data());
      constrain(optimizer_.rule(i).constraint, known.shape, keras.data());
      weights_.set(parameter(i), keras.data());
    });
  }

  // Updates what the run has not.
  void update(const Executor<T>& e) {
    const bool all = updates_last();
    each_piece(
        e,
        [&](size_t i) { return optimizer_.updates(static_cast<int>(i)) && (all || !e.updates(static_cast<int>(i))); },
        [&](int parameter, int64_t first, int64_t count, T* const* grads, int shards) {
          optimizer_.update(weights_, parameter, first, count, grads, shards);
        });
  }

  // Calls work(parameter, first, count, gradients, shards) for some parameters, each in pieces of this many elements.
  static constexpr int64_t kPiece = 8192;

  template <class Chosen, class Work>
  void each_piece(const Executor<T>& e, const Chosen& chosen, const Work& work) const {
    int64_t tasks = 0;
    for (size_t i = 0; i < parameters_.size(); i++)
      if (chosen(i)) tasks += pieces(parameters_[i]);
    Pool::run(Pool::size(), tasks, [&](int64_t task, int worker) {
      for (size_t i = 0; i < parameters_.size(); i++) {
        if (!chosen(i)) continue;
        const ParameterPlan& p = parameters_[i];
        if (task < pieces(p)) {
          const auto piece = [&] {
            const int64_t first = task * kPiece;
            std::array<T*, kMaxShards> grads{};
            const int shards = p.sharded ? e.shards() : 1;
            for (int s = 0; s < shards; s++) grads[static_cast<size_t>(s)] = e.gradient(p, s) + first;
            work(static_cast<int>(i), first, std::min(kPiece, padded(p.elements) - first), grads.data(), shards);
          };
          if (!profile_) return piece();
          return profile_->time(worker, e.profile_lines() + i, piece);
        }
        task -= pieces(p);
      }
    });
  }

  static int64_t pieces(const ParameterPlan& p) { return divide_up(padded(p.elements), kPiece); }

  mutable SessionLock lock_;
  const Graph graph_;
  const std::unique_ptr<Host> host_;
  Graph with_copies_;
  const KernelTable& table_;
  std::vector<ParameterPlan> parameters_;  // the graph's, then copies
  ParameterArena<T> weights_;
  uint64_t version_ = 1;
  std::vector<LossSpec> losses_;
  const std::vector<Penalty> penalties_ = penalties_of(graph_);
  double penalty_ = 0;
  uint64_t penalty_version_ = 0;  // of the weights that it is of
  std::vector<bool> trainable_;
  Optimizer<T> optimizer_;
  bool has_host_steps_ = false;
  Profile* profile_ = nullptr;
  std::array<std::unique_ptr<Executor<T>>, 3> executors_;
  const Executor<T>* last_ = nullptr;
  int64_t last_count_ = 0;
  std::vector<int64_t> rows_;
  std::vector<Targets<T>> targets_;
};

}  // namespace

std::unique_ptr<Session> Session::create(Graph graph, bool float64, const std::string& isa,
                                         std::unique_ptr<Host> host) {
  const KernelTable& table = kernel_table(isa);
  if (float64) return std::make_unique<SessionOf<double>>(std::move(graph), table, std::move(host));
  return std::make_unique<SessionOf<float>>(std::move(graph), table, std::move(host));
}

}  // namespace galago
