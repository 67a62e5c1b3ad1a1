// A kernel table: one function pointer a kernel and type, filled once for every ISA from kernels.def.
#pragma once
#include "kernels/args_images.h"
#include "kernels/args_maps.h"
#include "kernels/args_update.h"
#include "kernels/args_windows.h"

namespace galago {

template <class T>
struct Kernels {
#define KERNEL(name, Args) void (*name)(const Args<T>&);
#include "kernels/kernels.def"
#undef KERNEL
};

struct KernelTable {
  const char* isa;
  // Rounds of nothing but multiply-adds, as many at a time as this ISA can; returns how many there were.
  int64_t (*spin)(int64_t rounds, float* sink);
  Kernels<float> f32;
  Kernels<double> f64;
};

template <class T>
const Kernels<T>& kernels_of(const KernelTable& table);
template <>
inline const Kernels<float>& kernels_of<float>(const KernelTable& table) {
  return table.f32;
}
template <>
inline const Kernels<double>& kernels_of<double>(const KernelTable& table) {
  return table.f64;
}

}  // namespace galago
