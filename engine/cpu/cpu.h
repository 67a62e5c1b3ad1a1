// What this CPU has, and the floating-point environment the engine works in.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/table.h"

namespace galago {

struct CpuInfo {
  std::string model;
  int cores = 1;  // that this process may use
  int64_t l1d_bytes = 0, l2_bytes = 0, l3_bytes = 0;
};
const CpuInfo& cpu_info();

// Kernel tables that run here, the fastest first; "reference" is always the last.
const std::vector<const KernelTable*>& kernel_tables();
// By name, or the fastest where the name is empty. Throws EngineError for a name that does not run here.
const KernelTable& kernel_table(const std::string& isa);

// Round to nearest, no flush to zero, no traps, while it lives; then what the caller had.
class FloatingPointScope {
 public:
  FloatingPointScope();
  ~FloatingPointScope();
  FloatingPointScope(const FloatingPointScope&) = delete;
  FloatingPointScope& operator=(const FloatingPointScope&) = delete;

 private:
  uint64_t saved_;
};

}  // namespace galago
