#include "cpu/cpu.h"

#include <unistd.h>

#include <fstream>
#include <thread>
#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/integers.h"

namespace galago {

const KernelTable& reference_kernels();
const KernelTable& scalar_kernels();
#if defined(__x86_64__)
const KernelTable& avx2_kernels();
const KernelTable& avx512_kernels();
#elif defined(__aarch64__)
const KernelTable& neon_kernels();
#endif

namespace {

int64_t cache_size([[maybe_unused]] int name) {
#if defined(_SC_LEVEL1_DCACHE_SIZE)
  const long size = sysconf(name);
  return size > 0 ? size : 0;
#else
  return 0;
#endif
}

std::string model_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

int usable_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  const unsigned n = std::thread::hardware_concurrency();
  return n ? static_cast<int>(n) : 1;
}

}  // namespace

const CpuInfo& cpu_info() {
  static const CpuInfo info = [] {
    CpuInfo i;
    i.model = model_name();
    i.cores = usable_cores();
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    i.l1d_bytes = cache_size(_SC_LEVEL1_DCACHE_SIZE);
    i.l2_bytes = cache_size(_SC_LEVEL2_CACHE_SIZE);
    i.l3_bytes = cache_size(_SC_LEVEL3_CACHE_SIZE);
#endif
    return i;
  }();
  return info;
}

const std::vector<const KernelTable*>& kernel_tables() {
  static const std::vector<const KernelTable*> tables = [] {
    std::vector<const KernelTable*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (avx512) found.push_back(&avx512_kernels());
    if (avx2) found.push_back(&avx2_kernels());
#elif defined(__aarch64__)
    found.push_back(&neon_kernels());  // part of the architecture: nothing to ask
#endif
    found.push_back(&scalar_kernels());
    found.push_back(&reference_kernels());
    return found;
  }();
  return tables;
}

const KernelTable& kernel_table(const std::string& isa) {
  if (isa.empty()) return *kernel_tables().front();
  std::string names;
  for (const KernelTable* table : kernel_tables()) {
    if (isa == table->isa) return *table;
    names += (names.empty() ? "" : ", ") + std::string(table->isa);
  }
  throw EngineError("ISA '" + isa + "' does not run on this CPU. Choose one of: " + names + ".");
}

#if defined(__x86_64__)
FloatingPointScope::FloatingPointScope() : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
FloatingPointScope::~FloatingPointScope() { _mm_setcsr(static_cast<unsigned>(saved_)); }
#elif defined(__aarch64__)
FloatingPointScope::FloatingPointScope() {
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
  asm volatile("msr fpcr, %0" ::"r"(uint64_t{0}));
}
FloatingPointScope::~FloatingPointScope() { asm volatile("msr fpcr, %0" ::"r"(saved_)); }
#else
FloatingPointScope::FloatingPointScope() : saved_(0) {}
FloatingPointScope::~FloatingPointScope() {}
#endif

}  // namespace galago
