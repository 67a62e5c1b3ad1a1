// One call at a time in a session, from whatever thread.
#pragma once
#include <atomic>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "cpu/cpu.h"
#include "threads/pool.h"

namespace galago {

class SessionLock {
 public:
  // What every call holds: the session, and the engine's own floating-point environment.
  class Hold {
   public:
    explicit Hold(SessionLock& lock) : lock_(lock) {
      if (lock.owner_.load() == std::this_thread::get_id())
        throw EngineError("this session is in the middle of a step, whose host cannot use it.");
      if (!lock.mutex_.try_lock()) {
        // A child forked in the middle of a step has the lock, but not the thread that would open it.
        if (lock.locked_in_.load() != Pool::generation())
          throw EngineError("this session was in use when the process forked; make a new one in the child.");
        lock.mutex_.lock();
      }
      lock.locked_in_.store(Pool::generation());
      lock.owner_.store(std::this_thread::get_id());
    }
    ~Hold() {
      lock_.owner_.store({});
      lock_.mutex_.unlock();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    SessionLock& lock_;
    const FloatingPointScope environment_;
  };

 private:
  std::mutex mutex_;
  std::atomic<int> locked_in_{0};  // generation of forks that locked it last
  std::atomic<std::thread::id> owner_{};
};

}  // namespace galago
