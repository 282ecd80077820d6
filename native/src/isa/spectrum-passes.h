#pragma once

// The passes of a line transform that touch the spectrum: they skip what no ring wants, and apply
// its mask.

#include "isa/line-transform.h"

namespace audit {
namespace {

/// Last forward pass: of each group of kRadix frequencies, those within kEdge of either end, or
/// all.
template <int kRadix, int kEdge>
AUDIT_INLINE constexpr bool Wanted(int k) {
  return kEdge == 0 || 2 * kEdge >= kRadix || k < kEdge || k >= kRadix - kEdge;
}

template <int kRadix, int kEdge>
void ScatterLast(int length, const float* line, float* to, const std::ptrdiff_t* targets) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      x[n] = LoadPoint(line + (first + n) * kPoint);
    });
    Dft<kRadix, false>(x);
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      if constexpr (Wanted<kRadix, kEdge>(k)) StorePoint(to + targets[first + k], x[k]);
    });
  }
}

template <int kRadix, int kEdge>
void GatherFirst(int length, float* line, const float* from, const std::ptrdiff_t* sources) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      x[k] = Complex{};
      if constexpr (Wanted<kRadix, kEdge>(k)) x[k] = LoadPoint(from + sources[first + k]);
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// The mask of one block of spectrum rows, a row per lane.
struct RingMask {
  Words base, mirrored_base, span;
  const std::uint32_t* across;
  const std::uint32_t* mirrored_across;
  Vector pass, half;
  template <bool kMirrored>
  AUDIT_INLINE Vector At(int position) const {
    // Unsigned, so that one comparison asks for both bounds.
    const auto inside = base + BroadcastWord(across[position]) < span;
    if constexpr (!kMirrored) return inside ? pass : Vector{};
    const auto mirrored = mirrored_base + BroadcastWord(mirrored_across[position]) < span;
    return (inside ? half : Vector{}) + (mirrored ? half : Vector{});
  }
};

AUDIT_INLINE Complex operator*(Complex a, Vector factor) { return {a.re * factor, a.im * factor}; }

/// Last forward pass, mask and first inverse pass while the points are in registers.
template <int kRadix, int kEdge, bool kMirrored>
void MaskBetweenPasses(int length, float* line, const RingMask& mask) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      x[n] = LoadPoint(line + (first + n) * kPoint);
    });
    Dft<kRadix, false>(x);
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      if constexpr (Wanted<kRadix, kEdge>(k)) {
        x[k] = x[k] * mask.template At<kMirrored>(first + k);
      } else {
        x[k] = Complex{};
      }
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// Mask and first inverse pass, from stored spectra.
template <int kRadix, int kEdge, bool kMirrored>
void MaskBeforePass(int length, const float* from, float* line, const RingMask& mask) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      x[k] = Complex{};
      if constexpr (Wanted<kRadix, kEdge>(k)) {
        x[k] = LoadPoint(from + (first + k) * kPoint) * mask.template At<kMirrored>(first + k);
      }
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// Calls body(edge) with the edge as a compile-time constant.
template <class Body>
AUDIT_INLINE void WithEdge(int edge, Body body) {
  if (edge == 1) return body(std::integral_constant<int, 1>{});
  if (edge == 2) return body(std::integral_constant<int, 2>{});
  body(std::integral_constant<int, 0>{});
}

template <class Body>
AUDIT_INLINE void WithRadixAndEdge(int radix, int edge, Body body) {
  WithRadix(
      radix, [&](auto r) __attribute__((always_inline)) {
        WithEdge(
            edge, [&](auto e) __attribute__((always_inline)) { body(r, e); });
      });
}

}  // namespace
}  // namespace audit
