// How many accumulators a kernel may hold. The result never depends on it: a tile only says how many independent
// chains run side by side. Enough of them are needed to cover the latency of an FMA (4 cycles) times its
// throughput (2 a cycle; 4 on the widest AArch64 cores).
//
// ISA_ACCUMULATORS is what the registers leave room for beside weights and a broadcast: 24 of AVX-512's 32, 12 of 16,
// and 20 of NEON's 32, whose FMAs cannot read memory: a block of weights takes four registers there.
#pragma once

constexpr int at_least_at_most(int least, int most, int n) { return n < least ? least : n > most ? most : n; }

// 32 registers, not 16.
constexpr bool kManyRegisters = ISA_ACCUMULATORS >= 16;

template <class T>
struct Tile {
  static constexpr int registers = Block<T>::count;          // native registers of a block
  static constexpr int held = ISA_ACCUMULATORS / registers;  // blocks
  // Room for eight rows of one block: on AVX-512 alone, where a block is one or two registers.
  static constexpr bool wide = held >= 8;
  // Rows x blocks of a matrix tile.
  static constexpr int blocks = wide ? 4 / registers : 1;
  static constexpr int rows = at_least_at_most(1, 6, held / blocks);
  // Numbers of a transform held, a register each, most of them if not all: of 16 registers or 32.
  static constexpr int transformed = kManyRegisters ? 36 : 16;
  // Blocks of a weight gradient held while a list of winners goes by: of three kernel rows where they are that short.
  static constexpr int run = at_least_at_most(3, 24, held);
  // Taps x native registers of a thin layer's weight gradient held while the windows go by. Each register of outputs
  // takes some more for its gradient, its index, what it looks up and its bias, for which AVX2's 16 are too few. The
  // scalar ISA's are so too, but one lookup for two saves more there than spilling costs.
  static constexpr int thin_taps = 9;
  static constexpr int thin_registers = sizeof(typename Native<T>::Reg) == 32 ? 1 : 2;
};
