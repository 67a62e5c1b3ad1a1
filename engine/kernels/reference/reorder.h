// The elements of one map into another, each map walked in the order of its own axes.
#pragma once
#include <cstdint>

#include "kernels/args_maps.h"

namespace galago::reference {

inline int64_t offset_of(const Axes& axes, int64_t index) {
  const int64_t third = index % axes.count[2], rest = index / axes.count[2];
  return rest / axes.count[1] * axes.stride[0] + rest % axes.count[1] * axes.stride[1] + third * axes.stride[2];
}

template <class T>
void reorder(const ReorderArgs<T>& a) {
  const int64_t count = a.from.count[0] * a.from.count[1] * a.from.count[2];
  for (int64_t i = 0; i < count; i++) a.dst[offset_of(a.to, i)] = a.src[offset_of(a.from, i)];
}

}  // namespace galago::reference
