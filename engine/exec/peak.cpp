#include "exec/peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "threads/pool.h"

namespace galago {

// The best of some runs of a few milliseconds: on a shared machine the others say how busy it is.
double measured_peak(const KernelTable& table) {
  constexpr int64_t rounds = 200000;
  constexpr int runs = 20;
  const int threads = Pool::size();
  std::vector<int64_t> counts(static_cast<size_t>(threads));
  std::vector<float> sinks(static_cast<size_t>(threads) * 16, 1.0f);  // a cache line each
  double best = 0;
  for (int run = 0; run < runs; run++) {
    const auto start = std::chrono::steady_clock::now();
    Pool::run(threads, threads, [&](int64_t task, int) {
      counts[static_cast<size_t>(task)] = table.spin(rounds, &sinks[static_cast<size_t>(task) * 16]);
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double count = 0;
    for (int64_t c : counts) count += static_cast<double>(c);
    best = std::max(best, count / seconds);
  }
  return best;
}

}  // namespace galago
