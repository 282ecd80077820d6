#pragma once

// Vector building blocks, compiled once per instruction set. Everything here has internal linkage:
// an inline function shared between object files built with different flags would be merged by the
// linker into one of them, and the AVX-512 copy must never serve a machine without it.

#include <cstdint>
#include <cstring>
#include <utility>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#define AUDIT_INLINE inline __attribute__((always_inline))
// kName of the instruction set being compiled: AUDIT_NAME(kName) is kNameAvx2, say.
#define AUDIT_JOIN(a, b) a##b
#define AUDIT_JOIN_VALUES(a, b) AUDIT_JOIN(a, b)
#define AUDIT_NAME(name) AUDIT_JOIN_VALUES(name, AUDIT_ISA)

namespace audit {
namespace {

/// Floats in a vector: 16 with AVX-512, 8 with AVX2, 4 elsewhere (SSE2, NEON).
inline constexpr int kLanes = AUDIT_LANES;

typedef float Vector __attribute__((vector_size(kLanes * 4)));
typedef float UnalignedVector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef std::uint32_t Words __attribute__((vector_size(kLanes * 4)));
typedef std::int32_t Mask __attribute__((vector_size(kLanes * 4)));

AUDIT_INLINE Vector Broadcast(float value) { return Vector{} + value; }
AUDIT_INLINE Words BroadcastWord(std::uint32_t value) { return Words{} + value; }
AUDIT_INLINE Vector LoadAligned(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}
AUDIT_INLINE void StoreAligned(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
AUDIT_INLINE Vector Load(const float* from) {
  return *reinterpret_cast<const UnalignedVector*>(from);
}
AUDIT_INLINE void Store(float* to, Vector value) {
  *reinterpret_cast<UnalignedVector*>(to) = value;
}

/// Writes past the caches, to an aligned address that nobody reads soon: the line need not be
/// fetched first. Where there is no such store it is an ordinary one.
AUDIT_INLINE void StoreStreaming(float* to, Vector value) {
#if AUDIT_LANES == 16 && defined(__AVX512F__)
  return _mm512_stream_ps(to, reinterpret_cast<__m512>(value));
#elif AUDIT_LANES == 8 && defined(__AVX2__)
  return _mm256_stream_ps(to, reinterpret_cast<__m256>(value));
#elif AUDIT_LANES == 4 && defined(__SSE2__)
  return _mm_stream_ps(to, reinterpret_cast<__m128>(value));
#else
  StoreAligned(to, value);
#endif
}

/// Makes streamed stores visible before anything that follows.
AUDIT_INLINE void FinishStreaming() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

/// Lanes 0 .. count - 1.
AUDIT_INLINE Mask LanesBelow(int count) {
  Mask lane;
  for (int i = 0; i < kLanes; ++i) lane[i] = i;
  return lane < count;
}

/// The lanes of `mask` from memory, zeros elsewhere; memory under other lanes is not touched.
AUDIT_INLINE Vector LoadLanes(const float* from, Mask mask) {
#if AUDIT_LANES == 16 && defined(__AVX512DQ__)
  const __mmask16 lanes = _mm512_movepi32_mask(reinterpret_cast<__m512i>(mask));
  return reinterpret_cast<Vector>(_mm512_maskz_loadu_ps(lanes, from));
#elif AUDIT_LANES == 8 && defined(__AVX2__)
  return reinterpret_cast<Vector>(_mm256_maskload_ps(from, reinterpret_cast<__m256i>(mask)));
#else
  Vector value{};
  for (int lane = 0; lane < kLanes; ++lane) {
    if (mask[lane]) value[lane] = from[lane];
  }
  return value;
#endif
}

/// The lanes of `mask` to memory; the rest of it is not touched.
AUDIT_INLINE void StoreLanes(float* to, Mask mask, Vector value) {
#if AUDIT_LANES == 16 && defined(__AVX512DQ__)
  const __mmask16 lanes = _mm512_movepi32_mask(reinterpret_cast<__m512i>(mask));
  _mm512_mask_storeu_ps(to, lanes, reinterpret_cast<__m512>(value));
#elif AUDIT_LANES == 8 && defined(__AVX2__)
  _mm256_maskstore_ps(to, reinterpret_cast<__m256i>(mask), reinterpret_cast<__m256>(value));
#else
  for (int lane = 0; lane < kLanes; ++lane) {
    if (mask[lane]) to[lane] = value[lane];
  }
#endif
}

/// Calls body(0), ..., body(kCount - 1) with compile-time indices.
template <int kCount, class Body>
AUDIT_INLINE void Unroll(Body body) {
  [&]<int... kIndex>(std::integer_sequence<int, kIndex...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, kIndex>{}), ...);
  }
  (std::make_integer_sequence<int, kCount>{});
}

/// The vector of lanes pick(0), pick(1), ...; a pick of kLanes + i is lane i of `b`.
template <class Pick>
AUDIT_INLINE Vector Shuffle(Vector a, Vector b, Pick) {
  return [&]<int... kLane>(std::integer_sequence<int, kLane...>) __attribute__((always_inline)) {
    return __builtin_shufflevector(a, b, Pick{}(kLane)...);
  }
  (std::make_integer_sequence<int, kLanes>{});
}

// Picks for a transpose: pairs inside each group of four lanes, then whole groups.
struct LowPairs {
  constexpr int operator()(int lane) const {
    return (lane & ~3) + (lane & 3) / 2 + (lane & 1) * kLanes;
  }
};
struct HighPairs {
  constexpr int operator()(int lane) const {
    return (lane & ~3) + 2 + (lane & 3) / 2 + (lane & 1) * kLanes;
  }
};
struct LowHalves {
  constexpr int operator()(int lane) const {
    return (lane & ~3) + (lane & 1) + ((lane & 2) ? kLanes : 0);
  }
};
struct HighHalves {
  constexpr int operator()(int lane) const {
    return (lane & ~3) + 2 + (lane & 1) + ((lane & 2) ? kLanes : 0);
  }
};
/// Groups 0, 2, ... (or 1, 3, ...) of a, then those of b.
template <int kOdd>
struct AlternateGroups {
  constexpr int operator()(int lane) const {
    const int group = lane / 4;
    const int half = kLanes < 8 ? 1 : kLanes / 8;
    return (2 * (group % half) + kOdd) * 4 + (lane & 3) + (group / half) * kLanes;
  }
};

/// Transposes the kLanes x kLanes block held in `rows`.
AUDIT_INLINE void Transpose(Vector* rows) {
  Vector pairs[kLanes];
  Unroll<kLanes / 2>([&](auto i) __attribute__((always_inline)) {
    pairs[2 * i] = Shuffle(rows[2 * i], rows[2 * i + 1], LowPairs{});
    pairs[2 * i + 1] = Shuffle(rows[2 * i], rows[2 * i + 1], HighPairs{});
  });
  // Now rows[4 q + j] holds, in group g, column 4 g + j of rows 4 q .. 4 q + 3.
  Unroll<kLanes / 4>([&](auto q) __attribute__((always_inline)) {
    Unroll<2>([&](auto h) __attribute__((always_inline)) {
      rows[4 * q + 2 * h] = Shuffle(pairs[4 * q + h], pairs[4 * q + 2 + h], LowHalves{});
      rows[4 * q + 2 * h + 1] = Shuffle(pairs[4 * q + h], pairs[4 * q + 2 + h], HighHalves{});
    });
  });
  if constexpr (kLanes == 8) {
    Unroll<4>([&](auto j) __attribute__((always_inline)) {
      const Vector low = rows[j];
      const Vector high = rows[4 + j];
      rows[j] = Shuffle(low, high, AlternateGroups<0>{});
      rows[4 + j] = Shuffle(low, high, AlternateGroups<1>{});
    });
  }
  if constexpr (kLanes == 16) {
    Unroll<4>([&](auto j) __attribute__((always_inline)) {
      const Vector even_low = Shuffle(rows[j], rows[4 + j], AlternateGroups<0>{});
      const Vector odd_low = Shuffle(rows[j], rows[4 + j], AlternateGroups<1>{});
      const Vector even_high = Shuffle(rows[8 + j], rows[12 + j], AlternateGroups<0>{});
      const Vector odd_high = Shuffle(rows[8 + j], rows[12 + j], AlternateGroups<1>{});
      rows[j] = Shuffle(even_low, even_high, AlternateGroups<0>{});
      rows[8 + j] = Shuffle(even_low, even_high, AlternateGroups<1>{});
      rows[4 + j] = Shuffle(odd_low, odd_high, AlternateGroups<0>{});
      rows[12 + j] = Shuffle(odd_low, odd_high, AlternateGroups<1>{});
    });
  }
}

}  // namespace
}  // namespace audit
