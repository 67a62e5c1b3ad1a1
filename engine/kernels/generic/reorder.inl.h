// The elements of one map into another, each map walked in the order of its own axes: Reshape and Permute.
#pragma once

// A place in a walk.
template <class P>
struct Walk {
  const Axes& axes;
  P at;
  int64_t first = 0, second = 0, third = 0;
  INLINE Walk(const Axes& a, P start) : axes(a), at(start) {}
  INLINE int64_t left() const { return axes.count[2] - third; }
  INLINE P here() const { return at + first * axes.stride[0] + second * axes.stride[1] + third * axes.stride[2]; }
  INLINE void go(int64_t steps) {  // no further than the end of the last axis
    third += steps;
    if (third < axes.count[2]) return;
    third = 0;
    if (++second < axes.count[1]) return;
    second = 0;
    first++;
  }
};

template <class T>
void reorder(const ReorderArgs<T>& a) {
  Walk<const T*> src(a.from, a.src);
  Walk<T*> dst(a.to, a.dst);
  const int64_t src_step = a.from.stride[2], dst_step = a.to.stride[2];
  for (int64_t left = a.from.count[0] * a.from.count[1] * a.from.count[2]; left > 0;) {
    const int64_t run = src.left() < dst.left() ? src.left() : dst.left();
    const T* from = src.here();
    T* to = dst.here();
    for (int64_t i = 0; i < run; i++) to[i * dst_step] = from[i * src_step];
    src.go(run);
    dst.go(run);
    left -= run;
  }
}
