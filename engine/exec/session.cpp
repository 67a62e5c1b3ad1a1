#include "exec/session.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>

#include "cpu/cpu.h"
#include "exec/executor.h"
#include "threads/pool.h"

namespace galago {
namespace {

template <class T>
class SessionOf final : public Session {
 public:
  SessionOf(Graph graph, const KernelTable& table)
      : graph_(std::move(graph)), table_(table), optimizer_(kernels_of<T>(table)) {
    parameters_ = plan_parameters(graph_);
    weights_ = ParameterArena<T>(parameters_);
    trainable_.assign(parameters_.size(), true);
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
    version_++;
  }

  void compile(const LossSpec& loss, const OptimizerSpec& optimizer, const std::vector<bool>& trainable) override {
    const Work work(*this);
    if (trainable.size() != parameters_.size())
      throw EngineError("trainable must name every parameter: expected " + std::to_string(parameters_.size()) +
                        " values. Received: " + std::to_string(trainable.size()) + ".");
    const bool sparse = loss.kind == Loss::sparse_categorical_crossentropy;
    const bool signs = loss.kind == Loss::hinge || loss.kind == Loss::squared_hinge;
    if (loss.accuracy != Accuracy::none && signs)
      throw EngineError("a hinge changes its labels, so there is no accuracy beside it.");
    if (loss.accuracy != Accuracy::none && (loss.accuracy == Accuracy::sparse) != sparse)
      throw EngineError("sparse accuracy goes with sparse_categorical_crossentropy, and no other accuracy does.");
    loss_ = loss;
    trainable_ = trainable;
    optimizer_.compile(optimizer, parameters_, trainable_);
    for (auto& executor : executors_) executor.reset();
    last_ = nullptr;
    last_count_ = 0;
  }

  StepResult train_step(const InputView& x, const TargetView& y, const Selection& rows, double learning_rate) override {
    const Work work(*this);
    if (!optimizer_.exists()) throw EngineError("train_step needs an optimizer: compile with one first.");
    return train(x, y, rows, learning_rate);
  }
  StepResult test_step(const InputView& x, const TargetView& y, const Selection& rows) override {
    const Work work(*this);
    return run(Mode::test, x, y, rows);
  }
  void predict(const InputView& x, int64_t start, int64_t stop, void* out) override {
    const Work work(*this);
    if (start < 0 || stop <= start || stop > x.rows)
      throw EngineError("rows " + std::to_string(start) + " to " + std::to_string(stop) +
                        " are not a part of x, which has " + std::to_string(x.rows) + " rows.");
    // In pieces, so that memory does not grow with the number of rows. A row's result is its own.
    for (int64_t first = start; first < stop; first += kPredictRows) {
      run(Mode::predict, x, {}, {nullptr, first, std::min(kPredictRows, stop - first)});
      copy_outputs(static_cast<T*>(out) + (first - start) * graph_.nodes.back().shape.size());
    }
  }

  StepResult gradients(const InputView& x, const TargetView& y, const Selection& rows,
                       const std::vector<void*>& out) override {
    const Work work(*this);
    const StepResult result = run(Mode::train, x, y, rows);
    const Executor<T>& e = executor(Mode::train);
    for (size_t i = 0; i < parameters_.size(); i++) {
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
  void last_outputs(void* out, int64_t rows) const override {
    const Work work(*this);
    if (rows != last_count_)
      throw EngineError("the last step had " + std::to_string(last_count_) +
                        " rows. Expected: " + std::to_string(rows) + ".");
    copy_outputs(static_cast<T*>(out));
  }

  std::string plan(Mode mode) const override {
    const Work work(*this);
    std::string text = print(make_plan(graph_, mode, loss_, trainable_));
    if (mode != Mode::train || !optimizer_.exists()) return text;
    text += "stage update\n";
    for (size_t i = 0; i < parameters_.size(); i++)
      if (optimizer_.updates(static_cast<int>(i)))
        text += std::string("  ") + kernel_name(optimizer_.kernel()) + " " + graph_.parameters[i].name + "\n";
    return text;
  }

  ProfileReport profile(Mode mode, const InputView& x, const TargetView& y, const Selection& rows,
                        int64_t repeats) override {
    const Work work(*this);
    if (repeats < 1) throw EngineError("repeats must be 1 or more. Received: " + std::to_string(repeats) + ".");
    const bool trains = mode == Mode::train;
    if (trains && !optimizer_.exists())
      throw EngineError("profiling a train step needs an optimizer: compile with one first.");
    const Snapshot before(*this);
    Executor<T>& e = executor(mode);
    const auto step = [&] {
      if (trains) train(x, y, rows, 0);
      else run(mode, x, y, rows);
    };
    step();  // makes buffers
    Profile profile(Pool::size(), e.profile_lines() + parameters_.size());
    e.profile(&profile);
    profile_ = &profile;
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < repeats; i++) step();
    ProfileReport report;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report.threads = Pool::size();
    profile_ = nullptr;
    for (size_t i = 0; i < e.profile_lines(); i++) report.lines.push_back(e.profile_line(profile, i));
    e.profile(nullptr);
    for (size_t i = 0; i < parameters_.size(); i++)
      if (trains && optimizer_.updates(static_cast<int>(i))) report.lines.push_back(update_line(profile, i, repeats));
    before.restore(*this);
    return report;
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
  // What every call holds: the session, and the engine's own floating-point environment.
  class Work {
   public:
    explicit Work(const SessionOf& session) : session_(session) {
      if (!session.mutex_.try_lock()) {
        // A child forked in the middle of a step has the lock, but not the thread that would open it.
        if (session.locked_in_.load() != Pool::generation())
          throw EngineError("this session was in use when the process forked; make a new one in the child.");
        session.mutex_.lock();
      }
      session.locked_in_.store(Pool::generation());
    }
    ~Work() { session_.mutex_.unlock(); }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    const SessionOf& session_;
    const FloatingPointScope environment_;
  };

  const ParameterPlan& parameter(int index) const {
    if (index < 0 || index >= static_cast<int>(parameters_.size()))
      throw EngineError("there is no parameter " + std::to_string(index) + ": the graph has " +
                        std::to_string(parameters_.size()) + ".");
    return parameters_[index];
  }
  // What training changes, to be put back.
  struct Snapshot {
    explicit Snapshot(const SessionOf& session)
        : weights(session.weights_.copy()), iterations(session.optimizer_.iterations()) {
      for (const ParameterArena<T>& moment : session.optimizer_.moments()) moments.push_back(moment.copy());
    }
    void restore(SessionOf& session) const {
      session.weights_.copy_from(weights);
      for (size_t i = 0; i < moments.size(); i++) session.optimizer_.moments()[i].copy_from(moments[i]);
      session.optimizer_.set_iterations(iterations);
      session.version_++;
    }
    ParameterArena<T> weights;
    std::vector<ParameterArena<T>> moments;
    int64_t iterations;
  };

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
      e = std::make_unique<Executor<T>>(make_plan(graph_, mode, loss_, trainable_), table_, weights_,
                                        graph_.nodes.front().shape);
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

  // A hinge takes 0 and 1 for -1 and 1, as Keras does.
  static void make_signed(std::vector<T>& targets) {
    if (!std::ranges::all_of(targets, [](T t) { return t == 0 || t == 1; })) return;
    for (T& t : targets) t = 2 * t - 1;
  }

  // Rows of the loss in an output: one, or one for each place of a map.
  int64_t positions() const { return graph_.nodes.back().shape.size() / graph_.nodes.back().shape.channels; }

  void take_labels(const TargetView& y) {
    const int64_t classes = graph_.nodes.back().shape.channels;
    if (!y.labels || y.cols != positions())
      throw EngineError("sparse_categorical_crossentropy takes int64 labels of shape (rows,), or of maps (rows, " +
                        std::string("places)."));
    for (int64_t row : rows_)
      for (int64_t at = row * y.cols; at < (row + 1) * y.cols; at++) {
        const int64_t label = y.labels[at];
        if ((label < 0 || label >= classes) && label != loss_.options.ignored)
          throw EngineError("label " + std::to_string(label) + " of row " + std::to_string(row) + " is outside the " +
                            std::to_string(classes) + " classes.");
        labels_.push_back(label);
      }
  }

  // How much each row of the loss counts; none where all count the same.
  void take_weights(const TargetView& y) {
    weights_of_rows_.clear();
    if (!y.weights) return;
    const int64_t places = positions();
    if (y.weight_cols != 1 && y.weight_cols != places)
      throw EngineError("weights have one value a row, or one for each of its " + std::to_string(places) +
                        " places. Received: " + std::to_string(y.weight_cols) + ".");
    for (int64_t row : rows_)
      for (int64_t place = 0; place < places; place++) {
        const int64_t at = y.weight_cols == 1 ? row : row * places + place;
        weights_of_rows_.push_back(number(y.weights, y.weight_type, at));
      }
  }

  static T number(const void* values, InputType type, int64_t at) {
    return type == InputType::f64 ? static_cast<T>(static_cast<const double*>(values)[at])
                                  : static_cast<T>(static_cast<const float*>(values)[at]);
  }

  bool counts(size_t row) const { return labels_.empty() || labels_[row] != loss_.options.ignored; }

  // What the sum of the batch's losses is divided by. A label that is ignored is not of the batch.
  double divisor(int64_t count) const {
    if (loss_.reduction == Reduction::sum) return 1;
    const int64_t rows = count * positions();
    const bool weighted = loss_.reduction == Reduction::mean_with_sample_weight && !weights_of_rows_.empty();
    if (!weighted && loss_.options.ignored == LossOptions{}.ignored) return static_cast<double>(rows);
    double sum = 0;
    for (size_t row = 0; row < static_cast<size_t>(rows); row++)
      if (counts(row)) sum += weighted ? static_cast<double>(weights_of_rows_[row]) : 1;
    return sum;
  }

  // Their targets, gathered and converted.
  void take_targets(const TargetView& y) {
    const int64_t classes = graph_.nodes.back().shape.size();
    labels_.clear();
    targets_.clear();
    if (loss_.kind == Loss::sparse_categorical_crossentropy) return take_labels(y);
    if (!y.values || y.cols != classes)
      throw EngineError("this loss takes targets of shape (rows, " + std::to_string(classes) + "). Received: (" +
                        std::to_string(y.rows) + ", " + std::to_string(y.cols) + ").");
    for (int64_t row : rows_)
      for (int64_t at = row * classes; at < (row + 1) * classes; at++) targets_.push_back(number(y.values, y.type, at));
    if (loss_.kind == Loss::hinge || loss_.kind == Loss::squared_hinge) make_signed(targets_);
  }

  StepResult run(Mode mode, const InputView& x, const TargetView& y, const Selection& rows,
                 const Optimizer<T>* optimizer = nullptr) {
    if (mode != Mode::predict && loss_.kind == Loss::none)
      throw EngineError("this step needs a loss: compile with one first.");
    take_rows(rows, mode == Mode::predict ? x.rows : std::min(x.rows, y.rows));
    double divided_by = 0;
    if (mode != Mode::predict) {
      take_targets(y);
      take_weights(y);
      divided_by = divisor(rows.count);
    }
    Executor<T>& e = executor(mode);
    Batch<T> batch;
    batch.x = x.data;
    batch.type = x.type;
    batch.rows = rows_.data();
    batch.count = rows.count;
    batch.labels = labels_.empty() ? nullptr : labels_.data();
    batch.targets = targets_.empty() ? nullptr : targets_.data();
    batch.weights = weights_of_rows_.empty() ? nullptr : weights_of_rows_.data();
    batch.scale = divided_by == 0 ? T(0) : T(1) / static_cast<T>(divided_by);
    batch.step = static_cast<uint64_t>(optimizer_.iterations());
    e.run(batch, version_, optimizer);
    last_ = &e;
    last_count_ = rows.count;
    StepResult result;
    if (mode == Mode::predict) return result;
    const int64_t count = rows.count * positions();
    for (int64_t i = 0; i < count; i++) {
      result.loss += batch.weights ? e.losses()[i] * static_cast<double>(batch.weights[i]) : e.losses()[i];
      result.accuracy += e.accuracies()[i];
    }
    result.loss = divided_by == 0 ? 0 : result.loss / divided_by;
    result.accuracy = loss_.accuracy == Accuracy::none ? std::nan("") : result.accuracy / static_cast<double>(count);
    return result;
  }

  void copy_outputs(T* out) const {
    const int64_t size = graph_.nodes.back().shape.size();
    for (int64_t i = 0; i < last_count_; i++)
      std::memcpy(out + i * size, last_->output(i), static_cast<size_t>(size) * sizeof(T));
  }

  static constexpr int64_t kPredictRows = 256;

  StepResult train(const InputView& x, const TargetView& y, const Selection& rows, double learning_rate) {
    optimizer_.start_step(learning_rate);
    const StepResult result = run(Mode::train, x, y, rows, &optimizer_);
    update();
    optimizer_.end_step();
    version_++;
    return result;
  }

  // Updates what the run has not, every parameter in pieces of this many elements.
  static constexpr int64_t kPiece = 8192;

  void update() {
    const Executor<T>& e = executor(Mode::train);
    move_statistics(e);
    const auto waits = [&](size_t i) {
      return optimizer_.updates(static_cast<int>(i)) && !e.updates(static_cast<int>(i));
    };
    int64_t tasks = 0;
    for (size_t i = 0; i < parameters_.size(); i++)
      if (waits(i)) tasks += pieces(parameters_[i]);
    Pool::run(Pool::size(), tasks, [&](int64_t task, int worker) {
      for (size_t i = 0; i < parameters_.size(); i++) {
        if (!waits(i)) continue;
        const ParameterPlan& p = parameters_[i];
        if (task < pieces(p)) {
          const auto piece = [&] { update_piece(e, p, task * kPiece); };
          if (!profile_) return piece();
          return profile_->time(worker, e.profile_lines() + i, piece);
        }
        task -= pieces(p);
      }
    });
  }

  // Moving means and variances become what the step has found.
  void move_statistics(const Executor<T>& e) {
    for (const Unit& u : e.plan().units)
      if (u.learns_statistics())
        for (int i : {u.mean, u.variance}) {
          const ParameterPlan& p = parameters_[static_cast<size_t>(i)];
          std::memcpy(weights_.at(p), e.gradient(p, 0), static_cast<size_t>(p.elements) * sizeof(T));
        }
  }

  static int64_t pieces(const ParameterPlan& p) { return divide_up(padded(p.elements), kPiece); }

  void update_piece(const Executor<T>& e, const ParameterPlan& p, int64_t first) const {
    std::array<const T*, kMaxShards> grads{};
    const int shards = p.sharded ? e.shards() : 1;
    for (int s = 0; s < shards; s++) grads[static_cast<size_t>(s)] = e.gradient(p, s) + first;
    optimizer_.update(weights_, p, first, std::min(kPiece, padded(p.elements) - first), grads.data(), shards);
  }

  mutable std::mutex mutex_;
  mutable std::atomic<int> locked_in_{0};  // generation of forks that locked it last
  const Graph graph_;
  const KernelTable& table_;
  std::vector<ParameterPlan> parameters_;
  ParameterArena<T> weights_;
  uint64_t version_ = 1;
  LossSpec loss_;
  std::vector<bool> trainable_;
  Optimizer<T> optimizer_;
  Profile* profile_ = nullptr;
  std::array<std::unique_ptr<Executor<T>>, 3> executors_;
  const Executor<T>* last_ = nullptr;
  int64_t last_count_ = 0;
  std::vector<int64_t> rows_, labels_;
  std::vector<T> targets_, weights_of_rows_;
};

}  // namespace

std::unique_ptr<Session> Session::create(Graph graph, bool float64, const std::string& isa) {
  const KernelTable& table = kernel_table(isa);
  if (float64) return std::make_unique<SessionOf<double>>(std::move(graph), table);
  return std::make_unique<SessionOf<float>>(std::move(graph), table);
}

}  // namespace galago
