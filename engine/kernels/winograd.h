// Winograd's F(m x m, k x k): a tile of m x m outputs of a k x k convolution takes (m + k - 1)^2 products a channel
// instead of m^2 k^2. With a patch d of the source and the weights g of one channel
//
//   Y = A^T [ sum over channels of (G g G^T) * (B^T d B) ] A
//
// for matrices that evaluate polynomials at m + k - 2 numbers and at infinity, and interpolate what their products are
// there (Toom and Cook; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016). The gradient of the
// weights is the same turned round: dW = G^T [ sum over tiles of (A dY A^T) * (B^T d B) ] G. Each matrix goes along one
// axis at a time:
//
//   spread    B^T   m + k - 1 elements of the source to the points
//   weigh     G     k weights to the points
//   gather    A^T   the points to m outputs
//   scatter   A     the gradients of m outputs to the points
//   unweigh   G^T   the points to the gradients of k weights
//
// The text serves blocks of lanes (generic/) and single numbers (reference/): V is either and brings +, -,
// times(constant, V) and madd(constant, V, V), a product and a sum rounded once. The order of the operations is part of
// the promise of equal bits. No include guard: each table of kernels includes it into a namespace of its own.

// F(2, 3) with the points 0, 1, -1, infinity. Its constants are 0, 1, -1 and 1/2: sums of whole numbers stay exact.
struct FourPoints {
  static constexpr int count = 4;
  template <class V>
  static INLINE void spread(const V (&d)[4], V (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
  template <class V>
  static INLINE void weigh(const V (&g)[3], V (&u)[4]) {
    const V ends = g[0] + g[2];
    u[0] = g[0];
    u[1] = times(0.5, ends + g[1]);
    u[2] = times(0.5, ends - g[1]);
    u[3] = g[2];
  }
  template <class V>
  static INLINE void gather(const V (&m)[4], V (&y)[2]) {
    y[0] = (m[0] + m[1]) + m[2];
    y[1] = (m[1] - m[2]) - m[3];
  }
};

// Points 0, a, -a, b, -b, (c,) infinity, in this order. Which numbers they are decides how much rounding errors grow:
// these were found by measuring, among those that are exact in all constants but the divisors.
struct SixNumbers {
  static constexpr int count = 6;
  static constexpr double a = 0.75, b = 1.5, finite[] = {0, a, -a, b, -b};
};
struct SevenNumbers {
  static constexpr int count = 7;
  static constexpr double a = 0.5, b = 1.125, c = 2.5, finite[] = {0, a, -a, b, -b, c};
};

template <class Numbers>
struct Points : Numbers {
  static constexpr int count = Numbers::count;
  static constexpr double a = Numbers::a, b = Numbers::b, a2 = a * a, b2 = b * b;

  // What the polynomials that interpolate are divided by: the product of one point's distances to the others.
  static constexpr double divisor(int point) {
    double product = 1;
    for (int i = 0; i < count - 1; i++)
      if (i != point) product *= Numbers::finite[point] - Numbers::finite[i];
    return product;
  }
  static constexpr double power(double x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }

  // Odd and even powers of a pair of points are the same but for the sign.
  template <class V>
  static INLINE void spread_pairs(const V* d, V* v, V& infinity) {
    const V even_a = madd(-b2, d[2], d[4]), odd_a = madd(-b2, d[1], d[3]);
    const V even_b = madd(-a2, d[2], d[4]), odd_b = madd(-a2, d[1], d[3]);
    v[0] = madd(a2 * b2, d[0], madd(-(a2 + b2), d[2], d[4]));
    v[1] = madd(a, odd_a, even_a);
    v[2] = madd(-a, odd_a, even_a);
    v[3] = madd(b, odd_b, even_b);
    v[4] = madd(-b, odd_b, even_b);
    infinity = madd(a2 * b2, d[1], madd(-(a2 + b2), d[3], d[5]));
  }
  template <class V>
  static INLINE void spread(const V (&d)[count], V (&v)[count]) {
    if constexpr (count == 6) {
      spread_pairs(d, v, v[5]);
    } else {
      // c stands outside the pairs: its factor (x - c) is taken out of all other rows first.
      V e[6];
      EACH (i, 6) e[i] = madd(-Numbers::c, d[i], d[i + 1]);
      spread_pairs(e, v, v[6]);
      v[5] = madd(a2 * b2, d[1], madd(-(a2 + b2), d[3], d[5]));
    }
  }

  // The polynomial with these coefficients at every point; at infinity that is the last of them.
  template <int N, class V>
  static INLINE void evaluate(const V (&x)[N], V (&v)[count]) {
    const auto horner = [&x](int first, int step, double at) {  // coefficients first, first + step, ...
      int i = first + (N - 1 - first) / step * step;
      V sum = x[i];
      for (i -= step; i >= 0; i -= step) sum = madd(at, sum, x[i]);
      return sum;
    };
    v[0] = x[0];
    const auto pair = [&](int at, double number) {
      const V even = horner(0, 2, number * number), odd = horner(1, 2, number * number);
      v[at] = madd(number, odd, even);
      v[at + 1] = madd(-number, odd, even);
    };
    pair(1, a);
    pair(3, b);
    if constexpr (count == 7) v[5] = horner(0, 1, Numbers::c);
    v[count - 1] = x[N - 1];
  }
  // Turned round: for each power, the sum over the points of what is there times the point to this power.
  template <int N, class V>
  static INLINE void accumulate(const V (&m)[count], V (&y)[N]) {
    const V plus_a = m[1] + m[2], minus_a = m[1] - m[2], plus_b = m[3] + m[4], minus_b = m[3] - m[4];
    EACH (i, N) {
      const V &of_a = i % 2 ? minus_a : plus_a, &of_b = i % 2 ? minus_b : plus_b;
      V sum = i == 0 ? (m[0] + of_a) + of_b : madd(power(b, i), of_b, times(power(a, i), of_a));
      if constexpr (count == 7) sum = madd(power(Numbers::c, i), m[5], sum);
      y[i] = i == N - 1 ? sum + m[count - 1] : sum;
    }
  }
  template <class V>
  static INLINE void divide(V (&u)[count]) {
    EACH (i, count - 1) u[i] = times(1 / divisor(i), u[i]);
  }

  template <int K, class V>
  static INLINE void weigh(const V (&g)[K], V (&u)[count]) {
    evaluate(g, u);
    divide(u);
  }
  template <int M, class V>
  static INLINE void gather(const V (&m)[count], V (&y)[M]) {
    accumulate(m, y);
  }
  template <int M, class V>
  static INLINE void scatter(const V (&y)[M], V (&z)[count]) {
    evaluate(y, z);
  }
  template <int K, class V>
  static INLINE void unweigh(const V (&u)[count], V (&g)[K]) {
    V divided[count];
    EACH (i, count) divided[i] = u[i];
    divide(divided);
    accumulate(divided, g);
  }
};
using SixPoints = Points<SixNumbers>;
using SevenPoints = Points<SevenNumbers>;

// Outputs and taps an axis, and the points that they need.
template <int M, int K, class P>
struct Tiling : P {
  static constexpr int outputs = M, taps = K, points = P::count;
  static_assert(points == M + K - 1);
};

// Calls f with the tiling that a plan has chosen.
template <class F>
INLINE void with_tiling(int outputs, int taps, const F& f) {
  if (taps == 5) return f(Tiling<2, 5, SixPoints>());
  if (outputs == 2) return f(Tiling<2, 3, FourPoints>());
  if (outputs == 4) return f(Tiling<4, 3, SixPoints>());
  f(Tiling<5, 3, SevenPoints>());
}
