// The most multiply-adds a second that the pool's threads reach with one ISA.
#pragma once
#include "kernels/table.h"

namespace galago {

double measured_peak(const KernelTable& table);

}  // namespace galago
