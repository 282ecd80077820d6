#pragma once

// Passes of a line transform over kLanes lines at once. A line buffer holds, per point, kLanes real
// parts and then kLanes imaginary parts.

#include "fft/line-plan.h"
#include "isa/butterfly.h"

namespace audit {
namespace {

/// Floats per point of a line buffer.
inline constexpr int kPoint = 2 * kLanes;

AUDIT_INLINE Complex LoadPoint(const float* from) {
  return {LoadAligned(from), LoadAligned(from + kLanes)};
}
AUDIT_INLINE void StorePoint(float* to, Complex value) {
  StoreAligned(to, value.re);
  StoreAligned(to + kLanes, value.im);
}

/// Calls body(radix) with the radix as a compile-time constant.
template <class Body>
AUDIT_INLINE void WithRadix(int radix, Body body) {
  switch (radix) {
    case 2:
      return body(std::integral_constant<int, 2>{});
    case 3:
      return body(std::integral_constant<int, 3>{});
    case 4:
      return body(std::integral_constant<int, 4>{});
    case 5:
      return body(std::integral_constant<int, 5>{});
    case 7:
      return body(std::integral_constant<int, 7>{});
    case 8:
      return body(std::integral_constant<int, 8>{});
    case 10:
      return body(std::integral_constant<int, 10>{});
    case 14:
      return body(std::integral_constant<int, 14>{});
    case 16:
      return body(std::integral_constant<int, 16>{});
    case 20:
      return body(std::integral_constant<int, 20>{});
    default:
      return body(std::integral_constant<int, 1>{});
  }
}

/// One block forward: load(n) for every point n, then store(k, value), rotated for the passes that
/// follow.
template <int kRadix, class LoadAt, class StoreAt>
AUDIT_INLINE void ForwardBlock(int parts, const float* twiddles, LoadAt load, StoreAt store) {
  for (int p = 0; p < parts; ++p) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) { x[n] = load(p + parts * n); });
    Dft<kRadix, false>(x);
    store(p, x[0]);
    Unroll<kRadix - 1>([&](auto k) __attribute__((always_inline)) {
      store(p + parts * (k + 1),
            Rotate<false>(x[k + 1], Broadcast(twiddles[2 * k]), Broadcast(twiddles[2 * k + 1])));
    });
    twiddles += 2 * (kRadix - 1);
  }
}

/// The reverse of ForwardBlock, without the division.
template <int kRadix, class LoadAt, class StoreAt>
AUDIT_INLINE void InverseBlock(int parts, const float* twiddles, LoadAt load, StoreAt store) {
  for (int p = 0; p < parts; ++p) {
    Complex x[kRadix];
    x[0] = load(p);
    Unroll<kRadix - 1>([&](auto k) __attribute__((always_inline)) {
      x[k + 1] = Rotate<true>(load(p + parts * (k + 1)), Broadcast(twiddles[2 * k]),
                              Broadcast(twiddles[2 * k + 1]));
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) { store(p + parts * n, x[n]); });
    twiddles += 2 * (kRadix - 1);
  }
}

template <int kRadix>
void ForwardStage(const LineStage& stage, int length, float* line) {
  for (int first = 0; first < length; first += stage.length) {
    float* block = line + static_cast<std::ptrdiff_t>(first) * kPoint;
    ForwardBlock<kRadix>(
        stage.length / kRadix, stage.twiddles,
        [&](int n) __attribute__((always_inline)) { return LoadPoint(block + n * kPoint); },
        [&](int k, Complex value)
            __attribute__((always_inline)) { StorePoint(block + k * kPoint, value); });
  }
}

template <int kRadix>
void InverseStage(const LineStage& stage, int length, float* line) {
  for (int first = 0; first < length; first += stage.length) {
    float* block = line + static_cast<std::ptrdiff_t>(first) * kPoint;
    InverseBlock<kRadix>(
        stage.length / kRadix, stage.twiddles,
        [&](int k) __attribute__((always_inline)) { return LoadPoint(block + k * kPoint); },
        [&](int n, Complex value)
            __attribute__((always_inline)) { StorePoint(block + n * kPoint, value); });
  }
}

/// Passes [from, to) of the forward transform, in place.
inline void ForwardStages(const LineView& plan, int from, int to, float* line) {
  for (int s = from; s < to; ++s) {
    WithRadix(
        plan.stages[s].radix, [&](auto radix) __attribute__((always_inline)) {
          ForwardStage<radix>(plan.stages[s], plan.length, line);
        });
  }
}

/// Passes [from, to) undone, last first, in place.
inline void InverseStages(const LineView& plan, int from, int to, float* line) {
  for (int s = to - 1; s >= from; --s) {
    WithRadix(
        plan.stages[s].radix, [&](auto radix) __attribute__((always_inline)) {
          InverseStage<radix>(plan.stages[s], plan.length, line);
        });
  }
}

/// Bluestein: a transform of any length as a convolution with a chirp. In place, in order of
/// frequency.
template <bool kInverse>
void ChirpTransform(const LineView& plan, float* line) {
  const auto rotate = [&](int at, const float* factor) {
    float* point = line + static_cast<std::ptrdiff_t>(at) * kPoint;
    StorePoint(point,
               Rotate<kInverse>(LoadPoint(point), Broadcast(factor[0]), Broadcast(factor[1])));
  };
  for (int j = 0; j < plan.length; ++j) rotate(j, plan.chirp + 2 * j);
  const LineView& inner = *plan.inner;
  for (int j = plan.length; j < inner.length; ++j) {
    StorePoint(line + static_cast<std::ptrdiff_t>(j) * kPoint, Complex{});
  }
  ForwardStages(inner, 0, inner.stage_count, line);
  // The chirp is even, so the spectrum of its conjugate is the conjugate spectrum.
  for (int j = 0; j < inner.length; ++j) rotate(j, plan.chirp_spectrum + 2 * j);
  InverseStages(inner, 0, inner.stage_count, line);
  for (int j = 0; j < plan.length; ++j) rotate(j, plan.chirp + 2 * j);
}

inline void ForwardLine(const LineView& plan, float* line) {
  if (plan.inner) {
    ChirpTransform<false>(plan, line);
  } else {
    ForwardStages(plan, 0, plan.stage_count, line);
  }
}

inline void InverseLine(const LineView& plan, float* line) {
  if (plan.inner) {
    ChirpTransform<true>(plan, line);
  } else {
    InverseStages(plan, 0, plan.stage_count, line);
  }
}

}  // namespace
}  // namespace audit
