#pragma once

// Small discrete Fourier transforms held in registers, one line per lane.

#include "isa/simd.h"

namespace audit {
namespace {

/// One complex number per lane.
struct Complex {
  Vector re, im;
};

AUDIT_INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
AUDIT_INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }

/// a (re + i im), or its conjugate factor.
template <bool kConjugate>
AUDIT_INLINE Complex Rotate(Complex a, Vector re, Vector im) {
  if constexpr (kConjugate) return {a.re * re + a.im * im, a.im * re - a.re * im};
  return {a.re * re - a.im * im, a.im * re + a.re * im};
}

/// a times -i, the factor of a forward quarter turn, or +i backwards.
template <bool kInverse>
AUDIT_INLINE Complex QuarterTurn(Complex a) {
  if constexpr (kInverse) return {-a.im, a.re};
  return {a.im, -a.re};
}

struct Angle {
  double cosine, sine;
};

/// Cosine and sine of 2 pi step / count at compile time, by Taylor series in the first eighth of
/// the circle.
constexpr Angle AngleOf(int step, int count) {
  step %= count;
  if (step < 0) step += count;
  const int eighth = 8 * step / count;
  // Reduced to [0, 1/8] of a turn by the symmetries of the circle.
  const int quarter = (eighth + 1) / 2;
  const double turns = static_cast<double>(4 * step - quarter * count) / (4.0 * count);
  const double x = turns * 6.283185307179586476925286766559;
  double cosine = 0, sine = 0, term = 1;
  for (int k = 0; k < 26; k += 2) {
    cosine += (k / 2) % 2 == 0 ? term : -term;
    term = term * x / (k + 1);
    sine += (k / 2) % 2 == 0 ? term : -term;
    term = term * x / (k + 2);
  }
  switch (quarter % 4) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

/// a exp(-2 pi i kStep / kCount), or the conjugate factor for the inverse.
template <int kStep, int kCount, bool kInverse>
AUDIT_INLINE Complex RotateBy(Complex a) {
  constexpr int step = kStep % kCount;
  if constexpr (step == 0) {
    return a;
  } else if constexpr (4 * step == kCount) {
    return QuarterTurn<kInverse>(a);
  } else if constexpr (2 * step == kCount) {
    return {-a.re, -a.im};
  } else if constexpr (8 * step == kCount || 8 * step == 3 * kCount) {
    constexpr float half = 0.70710678118654752440f;
    constexpr float sign = 8 * step == kCount ? 1.0f : -1.0f;
    if constexpr (kInverse)
      return {(sign * a.re - a.im) * half, (a.re + sign * a.im) * half};
    else
      return {(sign * a.re + a.im) * half, (sign * a.im - a.re) * half};
  } else {
    constexpr Angle angle = AngleOf(step, kCount);
    return Rotate<!kInverse>(a, Broadcast(static_cast<float>(angle.cosine)),
                             Broadcast(static_cast<float>(angle.sine)));
  }
}

/// In place, natural order: x[k] = sum over n of x[n] exp(-+ 2 pi i n k / kSize).
template <int kSize, bool kInverse>
AUDIT_INLINE void Dft(Complex* x);

/// kFirst x kSecond points: kSecond transforms of kFirst points, a rotation, kFirst transforms of
/// kSecond points.
template <int kFirst, int kSecond, bool kInverse>
AUDIT_INLINE void DftOfProduct(Complex* x) {
  constexpr int size = kFirst * kSecond;
  Complex inner[size];
  Unroll<kSecond>([&](auto b) __attribute__((always_inline)) {
    Complex line[kFirst];
    Unroll<kFirst>([&](auto a) __attribute__((always_inline)) { line[a] = x[b + kSecond * a]; });
    Dft<kFirst, kInverse>(line);
    Unroll<kFirst>([&](auto a) __attribute__((always_inline)) {
      inner[kSecond * a + b] = RotateBy<a * b, size, kInverse>(line[a]);
    });
  });
  Unroll<kFirst>([&](auto a) __attribute__((always_inline)) {
    Dft<kSecond, kInverse>(inner + kSecond * a);
    Unroll<kSecond>([&](auto b) __attribute__((always_inline)) {
      x[a + kFirst * b] = inner[kSecond * a + b];
    });
  });
}

/// Odd sizes: outputs k and size - k share the sums and differences of inputs n and size - n.
template <int kSize, bool kInverse>
AUDIT_INLINE void DftOfOdd(Complex* x) {
  constexpr int half = kSize / 2;
  Complex sum[half], difference[half];
  Complex total = x[0];
  Unroll<half>([&](auto n) __attribute__((always_inline)) {
    sum[n] = x[n + 1] + x[kSize - 1 - n];
    difference[n] = x[n + 1] - x[kSize - 1 - n];
    total = total + sum[n];
  });
  const Complex first = x[0];
  Unroll<half>([&](auto k) __attribute__((always_inline)) {
    Complex even = first;
    Complex odd{};
    Unroll<half>([&](auto n) __attribute__((always_inline)) {
      constexpr Angle angle = AngleOf((k + 1) * (n + 1), kSize);
      const Vector cosine = Broadcast(static_cast<float>(angle.cosine));
      const Vector sine = Broadcast(static_cast<float>(kInverse ? -angle.sine : angle.sine));
      even = {even.re + sum[n].re * cosine, even.im + sum[n].im * cosine};
      odd = {odd.re + difference[n].im * sine, odd.im + difference[n].re * sine};
    });
    x[k + 1] = {even.re + odd.re, even.im - odd.im};
    x[kSize - 1 - k] = {even.re - odd.re, even.im + odd.im};
  });
  x[0] = total;
}

template <int kSize, bool kInverse>
AUDIT_INLINE void Dft(Complex* x) {
  if constexpr (kSize == 1) {
    return;
  } else if constexpr (kSize == 2) {
    const Complex a = x[0];
    x[0] = a + x[1];
    x[1] = a - x[1];
  } else if constexpr (kSize == 4) {
    const Complex a = x[0] + x[2], b = x[0] - x[2];
    const Complex c = x[1] + x[3], d = QuarterTurn<kInverse>(x[1] - x[3]);
    x[0] = a + c;
    x[1] = b + d;
    x[2] = a - c;
    x[3] = b - d;
  } else if constexpr (kSize % 4 == 0) {
    DftOfProduct<kSize / 4, 4, kInverse>(x);
  } else if constexpr (kSize % 2 == 0) {
    DftOfProduct<kSize / 2, 2, kInverse>(x);
  } else {
    DftOfOdd<kSize, kInverse>(x);
  }
}

}  // namespace
}  // namespace audit
