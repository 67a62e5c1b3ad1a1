// Compiled for the target's baseline, whatever it is; exports galago::scalar_kernels() and nothing else.
#include "kernels/table.h"

#define ISA_VECTORS "kernels/vec/portable.h"
#define ISA_NAME "scalar"
#define ISA_TABLE scalar_kernels
#define ISA_ACCUMULATORS 12
#include "kernels/isa/isa.inl.h"
