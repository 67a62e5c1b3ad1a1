// Where the time of a step goes: a clock around every kernel call, for as long as somebody asks.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace galago {

// One line of a profile: all calls of one step of a plan, of one packing, or of one parameter's update.
struct ProfileLine {
  std::string stage, kernel, unit;
  int64_t calls = 0;
  double seconds = 0;  // over all threads
  double multiply_adds = 0, bytes = 0;
};

// Counters of every thread by themselves, added up when the work is done.
class Profile {
 public:
  Profile(int workers, size_t lines) : counts_(static_cast<size_t>(workers), std::vector<Count>(lines)) {}

  template <class F>
  void time(int worker, size_t line, const F& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    Count& count = counts_[static_cast<size_t>(worker)][line];
    count.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    count.calls++;
  }
  // Part of the multiply-adds a step might have had to make.
  void add_share(int worker, size_t line, double share) { counts_[static_cast<size_t>(worker)][line].share += share; }

  // Adds the counts of a line; returns the sum of its shares.
  double collect(size_t line, ProfileLine& into) const {
    double share = 0;
    for (const std::vector<Count>& of_worker : counts_) {
      into.calls += of_worker[line].calls;
      into.seconds += of_worker[line].seconds;
      share += of_worker[line].share;
    }
    return share;
  }

 private:
  struct alignas(64) Count {
    int64_t calls = 0;
    double seconds = 0, share = 0;
  };
  std::vector<std::vector<Count>> counts_;
};

}  // namespace galago
