// The engine's threads: they take tasks of a range, whoever is free the next one.
//
// Which thread runs a task never matters to a result: tasks are fixed parts of the work, and a
// task's sums stay inside it.
#pragma once
#include <cstdint>

namespace galago {

class Pool {
 public:
  // Threads that take part, the caller included. 1..256.
  static void resize(int threads);
  static int size();

  // Counts the forks between the first process and this one.
  static int generation();

  // Calls f(task, worker) for every task in [0, tasks), worker in [0, threads), and returns when all are done.
  // One run at a time: a second caller waits.
  template <class F>
  static void run(int threads, int64_t tasks, F&& f) {
    dispatch(
        threads, tasks, [](void* context, int64_t task, int worker) { (*static_cast<F*>(context))(task, worker); }, &f);
  }

 private:
  using Call = void (*)(void* context, int64_t task, int worker);
  static void dispatch(int threads, int64_t tasks, Call call, void* context);
};

}  // namespace galago
