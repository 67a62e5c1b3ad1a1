// exp, log and their family on blocks, from additions, multiplications, divisions and FMAs alone.
//
// libm is not the same everywhere, so nothing here calls it: a lane's result depends on its argument alone, on any ISA.
// NaN gives NaN, results beyond the range become infinite, results below it subnormal and then zero. Sums and products
// are always inlined. These functions are long and left to the compiler, which halves the size of the portable ISA; but
// for AVX2, where tanh takes a quarter more time if each block goes through the stack.
//
// Largest errors in units of the last place (float: over all 2^32 arguments, double: over 10^7 random ones):
//            exp  expm1  log  log1p  sigmoid  softplus  tanh  erf
//   float   0.98   0.88 0.83   1.44     2.41      2.00  2.50 1.07
//   double  0.98   1.13 0.82   1.44     2.35      1.95  2.52 1.08
#pragma once

#ifdef ISA_BLOCKS_ON_STACK
#define LONG_FUNCTION INLINE
#else
#define LONG_FUNCTION
#endif

template <class T, int n>
INLINE Block<T> polynomial(const T (&c)[n], const Block<T>& x) {
  Block<T> sum = broadcast(c[n - 1]);
  for (int i = n - 2; i >= 0; i--) sum = fma(sum, x, broadcast(c[i]));
  return sum;
}
// x, but no more or no less than a limit; NaN stays.
template <class T>
INLINE Block<T> at_most(const Block<T>& x, T limit) {
  return select(greater(x, broadcast(limit)), broadcast(limit), x);
}
template <class T>
INLINE Block<T> at_least(const Block<T>& x, T limit) {
  return select(greater(broadcast(limit), x), broadcast(limit), x);
}
// a * b rounded to a whole number, halves to even: beyond 1.5 * 2^mantissa_bits no fraction is left.
template <class T>
INLINE Block<T> product_to_whole(const Block<T>& a, T b) {
  const Block<T> big = broadcast(T(1.5) * Format<T>::two_to_mantissa);
  return fma(a, broadcast(b), big) - big;
}
// 2^n for a whole n that is a normal number's exponent: the addition leaves n + bias in the lowest bits.
template <class T>
INLINE Block<T> power_of_two(const Block<T>& n) {
  const Block<T> big = broadcast(T(1.5) * Format<T>::two_to_mantissa + T(Format<T>::bias));
  return from_bits(to_bits(n + big) << Format<T>::mantissa_bits);
}

// e^x = 2^n * (1 + fraction) with |log(1 + fraction)| <= ln(2) / 2.
template <class T>
struct Exponential {
  Block<T> n, fraction;
};
template <class T>
INLINE Exponential<T> split_exponential(const Block<T>& x) {
  using C = Coefficients<T>;
  const Block<T> n = product_to_whole(x, C::log2_e);
  const Block<T> r = fma(n, broadcast(-C::ln2_low), fma(n, broadcast(-C::ln2_high), x));
  return {n, fma(r * r, polynomial(C::exp, r), r)};
}
template <class T>
LONG_FUNCTION Block<T> exp(const Block<T>& x) {
  using C = Coefficients<T>;
  const Exponential<T> e = split_exponential(at_most(at_least(x, C::exp_zero), C::exp_infinite));
  // In two steps, as 2^n alone leaves the range before the product does.
  const Block<T> half = product_to_whole(e.n, T(0.5));
  return (broadcast(T(1)) + e.fraction) * power_of_two(half) * power_of_two(e.n - half);
}
// e^x - 1 without cancellation, for x <= 0; a positive lane holds anything. -0 gives 0.
template <class T>
LONG_FUNCTION Block<T> expm1_negative(const Block<T>& x) {
  // e^-50 is far below the last place of 1, and 2^-72 still a normal number.
  const Exponential<T> e = split_exponential(at_least(x, T(-50)));
  const Block<T> scale = power_of_two(e.n);
  return fma(scale, e.fraction, scale - broadcast(T(1)));
}

template <class T>
LONG_FUNCTION Block<T> log(const Block<T>& x) {
  using C = Coefficients<T>;
  constexpr int bits = Format<T>::mantissa_bits;
  const Block<T> one = broadcast(T(1)), infinite = broadcast(T(__builtin_inf()));
  const Block<T> two_to_mantissa = broadcast(Format<T>::two_to_mantissa);
  const Mask<T> subnormal = greater(broadcast(Format<T>::smallest_normal), x);
  const Block<T> normal = select(subnormal, x * two_to_mantissa, x);
  // normal = 2^k * m with sqrt(1/2) <= m < sqrt(2): with 1 / sqrt(1/2) added to the pattern, the exponent is k's.
  const Bits<T> sqrt_half = to_bits(broadcast(C::sqrt_half));
  const Bits<T> pattern = to_bits(normal) + (to_bits(one) - sqrt_half);
  const Block<T> biased = from_bits((pattern >> bits) | to_bits(two_to_mantissa));
  const Block<T> offset = two_to_mantissa + broadcast(T(Format<T>::bias));
  const Block<T> k = biased - offset - select(subnormal, broadcast(T(bits)), zero<T>());
  const Bits<T> mantissa = broadcast_bits<T>((typename Word<T>::type(1) << bits) - 1);
  const Block<T> f = from_bits((pattern & mantissa) + sqrt_half) - one;
  // log(1 + f) = log((1 + s) / (1 - s)) = 2s + s z L(z), and 2s = f - s f = f - (f^2/2 - s f^2/2): f is exact, the
  // rest is small, so the error stays below one unit of the last place.
  const Block<T> s = f / (broadcast(T(2)) + f);
  const Block<T> z = s * s;
  const Block<T> half_square = broadcast(T(0.5)) * f * f;
  const Block<T> small = fma(s, fma(z, polynomial(C::log, z), half_square), k * broadcast(C::ln2_low));
  const Block<T> finite = fma(k, broadcast(C::ln2_high), f - (half_square - small));
  const Block<T> positive = select(greater(infinite, x), finite, x);
  const Block<T> other = select(greater(zero<T>(), x), broadcast(T(__builtin_nan(""))), zero<T>() - infinite);
  return select(greater(x, zero<T>()) | unordered(x, x), positive, other);
}
// log(1 + x), with the rounding error of 1 + x put back.
template <class T>
LONG_FUNCTION Block<T> log1p(const Block<T>& x) {
  const Block<T> one = broadcast(T(1));
  const Block<T> sum = one + x;
  const Block<T> part = sum - one;
  const Block<T> error = (one - (sum - part)) + (x - part);
  const Mask<T> finite = greater(sum, zero<T>()) & greater(broadcast(T(__builtin_inf())), sum);
  const Block<T> result = log(sum) + select(finite, error / sum, zero<T>());
  // Where 1 + x rounds to 1, the logarithm is x, and keeps its sign of zero.
  return select(greater(sum, one) | greater(one, sum) | unordered(sum, sum), result, x);
}

template <class T>
LONG_FUNCTION Block<T> sigmoid(const Block<T>& x) {
  const Block<T> one = broadcast(T(1));
  const Block<T> e = exp(zero<T>() - abs(x));
  return select(greater(zero<T>(), x), e, one) / (one + e);
}
template <class T>
LONG_FUNCTION Block<T> softplus(const Block<T>& x) {
  return relu(x) + log1p(exp(zero<T>() - abs(x)));
}
// tanh|x| = (1 - e^-2|x|) / (1 + e^-2|x|).
template <class T>
LONG_FUNCTION Block<T> tanh(const Block<T>& x) {
  const Block<T> e = expm1_negative(broadcast(T(-2)) * abs(x));
  return with_sign_of(abs(e) / (broadcast(T(2)) + e), x);
}
template <class T>
LONG_FUNCTION Block<T> erf(const Block<T>& x) {
  using C = Coefficients<T>;
  const Block<T> one = broadcast(T(1));
  const Block<T> inner = fma(x, polynomial(C::erf, x * x), x);
  const Block<T> outer = one - exp(polynomial(C::log_erfc, at_most(abs(x), C::erf_one)));
  return select(greater(one, abs(x)), inner, with_sign_of(outer, x));
}
