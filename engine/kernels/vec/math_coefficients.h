// The numbers behind vec/math.h.
//
// Each polynomial is the least-squares fit at Chebyshev nodes, weighted by the relative error it causes in the
// function, computed with 60 digits and rounded to T one coefficient at a time, lowest first, the others fitted again
// after each. "Error" is the largest relative error of the function that is left, apart from rounding in its
// evaluation.
#pragma once

template <class T>
struct Format;
template <>
struct Format<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr int bias = 127;
  static constexpr float two_to_mantissa = 8388608;
  static constexpr float smallest_normal = FLT_MIN;
  static constexpr float largest = FLT_MAX;
};
template <>
struct Format<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr int bias = 1023;
  static constexpr double two_to_mantissa = 4503599627370496;
  static constexpr double smallest_normal = DBL_MIN;
  static constexpr double largest = DBL_MAX;
};

template <class T>
struct Coefficients;

template <>
struct Coefficients<float> {
  // ln 2 in two parts: the first has 15 bits, so its product with any exponent is exact.
  static constexpr float log2_e = 1.44269502f, ln2_high = 0x1.62e4p-1f, ln2_low = 1.42860677e-6f;
  // From here on exp is 0 or infinite.
  static constexpr float exp_zero = -104, exp_infinite = 89;
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2; error 2^-31.
  static constexpr float exp[] = {0.5f, 0.166666657f, 0.0416664779f, 0.00833356753f, 0.0013933708f, 0.000197425616f};
  // (log((1 + s) / (1 - s)) - 2s) / s^3 in z = s^2 <= 0.0295; error 2^-29.2.
  static constexpr float log[] = {0.666667759f, 0.399775743f, 0.298712373f};
  static constexpr float sqrt_half = 0.707106769f;
  // erf(x) / x - 1 in z = x^2 <= 1; error 2^-29.3.
  static constexpr float erf[] = {0.128379166f,   -0.37612626f,     0.112835824f,   -0.0268536434f,
                                  0.00518796267f, -0.000800679321f, 7.84228832e-05f};
  // log(1 - erf(x)) for 1 <= x <= erf_one; error 2^-29.7. From erf_one on erf rounds to 1.
  static constexpr float erf_one = 4;
  static constexpr float log_erfc[] = {-0.000329790695f, -1.12713814f,    -0.638061225f,  -0.103181526f,
                                       0.0218749586f,    -0.00295717479f, 0.000187381011f};
};

template <>
struct Coefficients<double> {
  // The first part of ln 2 has 32 bits.
  static constexpr double log2_e = 1.4426950408889634, ln2_high = 0x1.62e42feep-1, ln2_low = 1.9082149292705877e-10;
  static constexpr double exp_zero = -746, exp_infinite = 710;
  // Error 2^-61.5.
  static constexpr double exp[] = {0.5,
                                   0.16666666666666677,
                                   0.041666666666666602,
                                   0.0083333333333214434,
                                   0.0013888888888928337,
                                   0.00019841269886570426,
                                   2.4801587227621047e-05,
                                   2.7557243776384498e-06,
                                   2.7557361780235769e-07,
                                   2.5109185938735996e-08,
                                   2.0886684693563505e-09};
  // Error 2^-58.4.
  static constexpr double log[] = {0.66666666666667374, 0.39999999999398628, 0.28571428745551214, 0.22222198273544116,
                                   0.1818357906686337,  0.1531368752092411,  0.14799487338447104};
  static constexpr double sqrt_half = 0.70710678118654757;
  // Error 2^-56.
  static constexpr double erf[] = {0.12837916709551256,     -0.37612638903183454,    0.11283791670942442,
                                   -0.026866170642899308,   0.0052239776046899659,   -0.0008548325870703971,
                                   0.00012055292035174393,  -1.4924685750072198e-05, 1.6446833684025832e-06,
                                   -1.6204216644959769e-07, 1.370256913134439e-08,   -7.7648058950077834e-10};
  // Error 2^-56.9.
  static constexpr double erf_one = 6;
  static constexpr double log_erfc[] = {-5.1478229948314154e-07, -1.1283739761889959,     -0.63664412738203136,
                                        -0.10270208315210688,    0.018987635853803954,    0.00041411904152470431,
                                        -0.0019195765762269868,  0.00077357035134378849,  -0.00013689828461397937,
                                        -1.9347473698512581e-05, 2.24623069723415e-05,    -8.5566155201107554e-06,
                                        2.1094320369365087e-06,  -3.6858447405416417e-07, 4.5802594403282947e-08,
                                        -3.8780750289575402e-09, 2.0136574236797526e-10,  -4.8478352062563827e-12};
};
