// Compiled with AVX2 and FMA; exports galago::avx2_kernels() and nothing else.
#include "kernels/table.h"

#define ISA_VECTORS "kernels/vec/avx2.h"
#define ISA_NAME "avx2"
#define ISA_TABLE avx2_kernels
#define ISA_ACCUMULATORS 12
#include "kernels/isa/isa.inl.h"
