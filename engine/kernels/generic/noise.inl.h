// Normal noise: the quantile of a draw, by polynomials within 2e-7 of it. With the draw y in (-1, 1) that is
// y P(-log(1 - y^2)), and in the tails another polynomial of that logarithm's root.
#pragma once

constexpr double kNormalMiddle[] = {2.123313479349569,      0.34880270532352464,    -0.005907721252608202,
                                    -0.0017730682891061909, 0.00030878916805944696, -6.199391248124411e-06,
                                    -4.897925260249802e-06, 4.844032989050019e-07,  3.293115707844231e-08};
constexpr double kNormalTails[] = {4.006434420853056,     1.4165816370039739,     0.013346905486910062,
                                   -0.010787129233381364, 0.00812903509860578,    -0.005170752011505448,
                                   0.001877615434192725,  0.00012003002195040634, -0.00025764026279396455};

template <class T>
INLINE Block<T> normal_polynomial(const double (&c)[9], const Block<T>& x) {
  Block<T> sum = broadcast(T(c[8]));
  for (int i = 7; i >= 0; i--) sum = fma(sum, x, broadcast(T(c[i])));
  return sum;
}

// 23 bits of each word, so that every draw and one less its size is exact in T.
template <class T>
INLINE Block<T> normal(const uint32_t* words) {
  T draws[kLanes];
  for (int l = 0; l < kLanes; l++) draws[l] = T(int32_t(words[l] >> 9) * 2 + 1) * T(0x1p-23) - T(1);
  const Block<T> one = broadcast(T(1)), y = load(draws);
  const Block<T> w = zero<T>() - log((one - y) * (one + y));
  const Block<T> middle = normal_polynomial(kNormalMiddle, w - broadcast(T(2.5)));
  const Block<T> tails = normal_polynomial(kNormalTails, sqrt(w) - broadcast(T(3)));
  return y * select(greater(broadcast(T(5)), w), middle, tails);
}

struct AddNoise {
  template <class T>
  static INLINE void run(const NoiseArgs<T>& a, const uint32_t* words, const T* src, T* dst) {
    store(dst, fma(broadcast(a.deviation), normal<T>(words), load(src)));
  }
};

template <class T>
void gaussian_noise(const NoiseArgs<T>& a) {
  each_draw<AddNoise>(a);
}
