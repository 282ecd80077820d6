#pragma once

// How bright an image is, before it is transformed.

#include "isa/pair-filter.h"
#include "isa/simd.h"

namespace audit {
namespace {

/// What a scan of pixels has seen: the least, the most, and the largest bits without the sign.
struct Extremes {
  Vector least, most;
  Words bits;
  AUDIT_INLINE void Add(Vector value) {
    least = least < value ? least : value;
    most = most > value ? most : value;
    const Words shifted = reinterpret_cast<Words>(value) << 1;
    bits = bits > shifted ? bits : shifted;
  }
  AUDIT_INLINE void Add(const Extremes& other) {
    least = least < other.least ? least : other.least;
    most = most > other.most ? most : other.most;
    bits = bits > other.bits ? bits : other.bits;
  }
};

Levels FindLevels(const float* pixels, std::size_t count) {
  // Four scans side by side hide the latency of each.
  constexpr std::size_t ways = 4;
  const Extremes start{Broadcast(pixels[0]), Broadcast(pixels[0]), Words{}};
  Extremes seen[ways] = {start, start, start, start};
  std::size_t i = 0;
  for (; i + ways * kLanes <= count; i += ways * kLanes) {
    Unroll<ways>([&](auto way) __attribute__((always_inline)) {
      seen[way].Add(Load(pixels + i + way * kLanes));
    });
  }
  for (; i < count; ++i) seen[0].Add(Broadcast(pixels[i]));
  for (std::size_t way = 1; way < ways; ++way) seen[0].Add(seen[way]);
  float least = seen[0].least[0], most = seen[0].most[0];
  bool special = false;
  for (int lane = 0; lane < kLanes; ++lane) {
    least = seen[0].least[lane] < least ? seen[0].least[lane] : least;
    most = seen[0].most[lane] > most ? seen[0].most[lane] : most;
    // All exponent bits set: infinite, or not a number.
    special |= seen[0].bits[lane] >= 0xff000000u;
  }
  if (special) return {0, 0, 0, 0, false};
  const float middle = 0.5f * least + 0.5f * most;
  const float half = 0.5f * most - 0.5f * least;
  // A power of two near 1 / half, so scaling rounds nothing.
  std::uint32_t bits;
  std::memcpy(&bits, &half, 4);
  std::uint32_t power = bits >> 23;
  if (half == 0) power = 127;
  if (power < 1) power = 1;
  if (power > 253) power = 253;
  const std::uint32_t scale_bits = (254 - power) << 23, inverse_bits = power << 23;
  Levels levels{0, 0, middle, 0, true};
  std::memcpy(&levels.scale, &scale_bits, 4);
  std::memcpy(&levels.inverse_scale, &inverse_bits, 4);
  levels.offset = -middle * levels.scale;
  return levels;
}

}  // namespace
}  // namespace audit
