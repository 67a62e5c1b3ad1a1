// Compiled with AVX-512 (F, VL, DQ, BW) and FMA; exports galago::avx512_kernels() and nothing else.
#include "kernels/table.h"

#define ISA_VECTORS "kernels/vec/avx512.h"
#define ISA_NAME "avx512"
#define ISA_TABLE avx512_kernels
#define ISA_ACCUMULATORS 24
#include "kernels/isa/isa.inl.h"
