// How many accumulators a kernel may hold. The result never depends on it: a tile only says how many independent
// chains run side by side. Enough of them are needed to cover the latency of an FMA (4 cycles) times its
// throughput (2 a cycle).
#pragma once

template <class T>
struct Tile {
  static constexpr int registers = Block<T>::count;  // native registers of a block
  static constexpr bool wide = ISA_REGISTERS == 32;
  // Rows x blocks of a matrix tile: 24 accumulators of 32 registers, 12 of 16; the rest holds weights and a broadcast.
  static constexpr int blocks = wide ? (registers == 1 ? 4 : 2) : 1;
  static constexpr int rows = wide ? 6 : (registers <= 2 ? 6 : registers == 4 ? 3 : 1);
  // Blocks of one weight-gradient row held while a list of winners goes by.
  static constexpr int run = wide ? 12 / registers : (registers <= 2 ? 6 : 3);
  // Taps of one channel block held while the winners of one pool position go by.
  static constexpr int taps = wide ? 9 : (registers <= 2 ? 6 : 3);
  // Taps of one output block held while the windows of a thin layer go by, one or the other number, whichever takes
  // fewer passes. Each pass also holds the gradient, its index and what it looks up.
  static constexpr int thin_taps = wide ? 9 : (registers <= 2 ? 5 : 3);
  static constexpr int more_thin_taps = wide && registers == 1 ? 14 : taps;
};
