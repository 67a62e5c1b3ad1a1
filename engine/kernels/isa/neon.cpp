// Compiled for AArch64's baseline, which has NEON and FMA; exports galago::neon_kernels() and nothing else.
#include "kernels/table.h"

#define ISA_VECTORS "kernels/vec/neon.h"
#define ISA_NAME "neon"
#define ISA_TABLE neon_kernels
#define ISA_ACCUMULATORS 20
#include "kernels/isa/isa.inl.h"
