// Multiply-adds in registers and nothing else: what a kernel of this ISA could reach at best.
#pragma once

int64_t spin(int64_t rounds, float* sink) {
  constexpr int count = at_least_at_most(1, 12, Tile<float>::held);  // chains enough for any CPU's latency
  const Block<float> half = broadcast(0.5f), one = broadcast(1.0f);
  Block<float> acc[count];
  float start[count * kLanes];  // no two registers alike, or a compiler would make one of them
  for (int i = 0; i < count * kLanes; i++) start[i] = *sink + float(i);
  EACH (i, count) acc[i] = load(start + i * kLanes);
  for (int64_t r = 0; r < rounds; r++) {
    EACH (i, count) acc[i] = fma(acc[i], half, one);
  }
  Block<float> sum = acc[0];
  EACH (i, count) sum = sum + acc[i];
  float lanes[kLanes];
  store(lanes, sum);
  *sink = 0;
  for (float lane : lanes) *sink += lane;  // all of them, or a compiler would leave registers out
  return rounds * count * kLanes;
}
