#include "threads/pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/integers.h"
#include "cpu/cpu.h"

namespace galago {
namespace {

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Steps of a training run follow each other within microseconds, so a thread looks for work about this long (0.5 ms
// where a pause takes 140 cycles) before it sleeps: longer than the last task of a stage takes, after which it would
// have to be woken for the next one. Never where threads outnumber cores.
constexpr int kSpins = 10000;

// Tasks are claimed from shares, one for each thread: a word with the next task and the end. Whoever claims a
// task has one of the run that is under way, so a thread that wakes up late finds either work or nothing, and
// nobody waits for it: a run is over when its tasks are done. On a busy machine that is the difference between
// losing a core and losing both.
class Workers {
 public:
  explicit Workers(int count) : spins_(count <= cpu_info().cores ? kSpins : 0), shares_(static_cast<size_t>(count)) {
    try {
      for (int worker = 1; worker < count; worker++) threads_.emplace_back([this, worker] { loop(worker); });
    } catch (const std::system_error& error) {
      stop();
      throw EngineError("could not start " + std::to_string(count) + " threads (" + error.what() +
                        "). Use fewer: set_threads(n) or GALAGO_THREADS.");
    }
  }
  ~Workers() { stop(); }
  int count() const { return static_cast<int>(shares_.size()); }

  void run(int64_t tasks, void (*call)(void*, int64_t, int), void* context) {
    call_ = call;
    context_ = context;
    left_.store(tasks, std::memory_order_relaxed);
    for (int i = 0; i < count(); i++) {
      const uint64_t first = static_cast<uint64_t>(tasks * i / count()),
                     end = static_cast<uint64_t>(tasks * (i + 1) / count());
      shares_[static_cast<size_t>(i)].range.store(end << 32 | first, std::memory_order_release);
    }
    wake();
    take_tasks(0);
    for (int spin = 0; spin < spins_; spin++) {
      if (left_.load(std::memory_order_acquire) == 0) return;
      pause();
    }
    for (int64_t left; (left = left_.load(std::memory_order_acquire)) != 0;)
      left_.wait(left, std::memory_order_acquire);
  }

 private:
  void stop() {
    stop_.store(true, std::memory_order_relaxed);
    wake();
    for (std::thread& thread : threads_) thread.join();
  }
  void wake() {
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  // First the same share of the range every time, whose data is in this core's cache; then what others have left.
  void take_tasks(int worker) {
    for (int i = 0; i < count(); i++) {
      std::atomic<uint64_t>& range = shares_[static_cast<size_t>((worker + i) % count())].range;
      for (;;) {
        const uint64_t claimed = range.fetch_add(1, std::memory_order_acq_rel), task = claimed & 0xffffffff;
        if (task >= claimed >> 32) break;
        call_(context_, static_cast<int64_t>(task), worker);
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
      }
    }
  }
  void loop(int worker) {
    const FloatingPointScope environment;
    for (uint32_t seen = 0; !stop_.load(std::memory_order_relaxed);) {
      for (int spin = 0; spin < spins_ && round_.load(std::memory_order_acquire) == seen; spin++) pause();
      round_.wait(seen, std::memory_order_acquire);
      seen = round_.load(std::memory_order_acquire);
      take_tasks(worker);
    }
  }

  struct alignas(64) Share {
    std::atomic<uint64_t> range{0};  // end << 32 | next
  };
  const int spins_;
  std::vector<Share> shares_;
  std::vector<std::thread> threads_;
  void (*call_)(void*, int64_t, int) = nullptr;
  void* context_ = nullptr;
  std::atomic<bool> stop_{false};
  alignas(64) std::atomic<int64_t> left_{0};
  alignas(64) std::atomic<uint32_t> round_{0};
};

// A forked child has none of its parent's threads: it forgets the object (which cannot be destroyed any more) and makes
// its own on first use. The mutex may be held by a thread that did not come along, so the child gets a new one as well.
struct State {
  std::mutex mutex;
  int wanted = 0;  // 0: not chosen yet
  int generation = 0;
  Workers* workers = nullptr;
};

State* state = nullptr;

void stop_workers() {
  const std::lock_guard<std::mutex> lock(state->mutex);
  delete state->workers;
  state->workers = nullptr;
}

State& the_state() {
  static const bool initialized = [] {
    state = new State;
    pthread_atfork(nullptr, nullptr, [] {
      const State* parent = state;
      state = new State;
      state->wanted = parent->wanted;
      state->generation = parent->generation + 1;
    });
    std::atexit(stop_workers);
    return true;
  }();
  (void)initialized;
  return *state;
}

int initial_threads() {
  const char* text = std::getenv("GALAGO_THREADS");
  if (!text || !*text) return std::min(cpu_info().cores, 256);
  char* end = nullptr;
  const long n = std::strtol(text, &end, 10);
  if (*end || n < 1 || n > 256)
    throw EngineError("GALAGO_THREADS must be a whole number from 1 to 256. Received: '" + std::string(text) + "'.");
  return static_cast<int>(n);
}

int wanted_threads(State& s) {
  if (s.wanted == 0) s.wanted = initial_threads();
  return s.wanted;
}

}  // namespace

void Pool::resize(int threads) {
  if (threads < 1 || threads > 256)
    throw EngineError("threads must be a whole number from 1 to 256. Received: " + std::to_string(threads) + ".");
  State& s = the_state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  s.wanted = threads;
}

int Pool::size() {
  State& s = the_state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  return wanted_threads(s);
}

int Pool::generation() { return the_state().generation; }

void Pool::dispatch(int threads, int64_t tasks, Call call, void* context) {
  State& s = the_state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  if (threads == 1 || tasks <= 1) {
    for (int64_t task = 0; task < tasks; task++) call(context, task, 0);
    return;
  }
  if (!s.workers || s.workers->count() != threads) {
    delete s.workers;
    s.workers = nullptr;
    s.workers = new Workers(threads);
  }
  s.workers->run(tasks, call, context);
}

}  // namespace galago
