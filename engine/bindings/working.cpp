#include "bindings/working.h"

#include <condition_variable>
#include <mutex>

#include "base/error.h"
#include "threads/pool.h"

namespace galago {
namespace {

struct Door {
  std::mutex mutex;
  std::condition_variable left;
  int inside = 0;
  bool closed = false;
  int generation = 0;  // of forks: a child has none of its parent's threads inside
};

// Never destroyed: a thread may pass while the process ends.
Door& door() {
  static Door* const d = new Door;
  if (d->generation != Pool::generation()) {
    d->inside = 0;
    d->generation = Pool::generation();
  }
  return *d;
}

}  // namespace

// The count changes while this thread holds the GIL: after close() saw nobody inside, nobody is
// waiting for the GIL either.
Working::Working() {
  Door& d = door();
  {
    const std::lock_guard<std::mutex> lock(d.mutex);
    if (d.closed) throw EngineError("Python is shutting down.");
    d.inside++;
  }
  state_ = PyEval_SaveThread();
}

Working::~Working() {
  PyEval_RestoreThread(state_);
  Door& d = door();
  const std::lock_guard<std::mutex> lock(d.mutex);
  d.inside--;
  d.left.notify_all();
}

void Working::close() {
  Door& d = door();
  PyThreadState* const state = PyEval_SaveThread();
  {
    std::unique_lock<std::mutex> lock(d.mutex);
    d.closed = true;
    d.left.wait(lock, [&] { return d.inside == 0; });
  }
  PyEval_RestoreThread(state);
}

}  // namespace galago
