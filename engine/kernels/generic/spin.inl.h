// Multiply-adds in registers and nothing else: what a kernel of this ISA could reach at best.
#pragma once

int64_t spin(int64_t rounds, float* sink) {
  constexpr int count = Tile<float>::rows * Tile<float>::blocks;
  const Block<float> half = broadcast(0.5f), one = broadcast(1.0f);
  Block<float> acc[count];
  EACH (i, count) acc[i] = broadcast(*sink);
  for (int64_t r = 0; r < rounds; r++)
    EACH (i, count) acc[i] = fma(acc[i], half, one);
  Block<float> sum = acc[0];
  for (int i = 1; i < count; i++) sum = sum + acc[i];
  float lanes[kLanes];
  store(lanes, sum);
  *sink = lanes[0];
  return rounds * count * kLanes;
}
