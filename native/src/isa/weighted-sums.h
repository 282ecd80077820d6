#pragma once

// Weighted sums of rows and of columns, in registers until they are done. The order of additions is
// the same in every instruction set, and so are the bits.

#include "isa/pixel-rows.h"
#include "isa/simd.h"

namespace audit {
namespace {

/// Has sum(i, sums, load) fill the vectors of `to` from i on: kWays at a time, which hides the
/// latency of an addition, then one, the last perhaps in part.
template <int kWays, class Sum>
AUDIT_INLINE void ForVectors(float* to, std::size_t count, Sum sum) {
  std::size_t i = 0;
  for (; i + kWays * kLanes <= count; i += kWays * kLanes) {
    Vector sums[kWays];
    sum(
        i, sums, [](const float* from) __attribute__((always_inline)) { return Load(from); });
    Unroll<kWays>([&](auto way)
                      __attribute__((always_inline)) { Store(to + i + way * kLanes, sums[way]); });
  }
  for (; i < count; i += kLanes) {
    const Mask rest = LanesBelow(static_cast<int>(count - i < kLanes ? count - i : kLanes));
    Vector sums[1];
    sum(
        i, sums, [&](const float* from) __attribute__((always_inline)) {
          return LoadLanes(from, rest);
        });
    StoreLanes(to + i, rest, sums[0]);
  }
}

void SumRows(const float* const* rows, const float* weights, std::size_t taps, float* to,
             std::size_t count) {
  ForVectors<4>(
      to, count,
      [&]<int kWays>(std::size_t i, Vector(&sums)[kWays], auto load)
          __attribute__((always_inline)) {
            Unroll<kWays>([&](auto way) __attribute__((always_inline)) {
              sums[way] = load(rows[0] + i + way * kLanes) * weights[0];
            });
            for (std::size_t k = 1; k < taps; ++k) {
              Unroll<kWays>([&](auto way) __attribute__((always_inline)) {
                sums[way] += load(rows[k] + i + way * kLanes) * weights[k];
              });
            }
          });
}

void SumMirrored(const float* const* rows, const float* weights, std::size_t radius, float* to,
                 std::size_t count) {
  ForVectors<4>(
      to, count,
      [&]<int kWays>(std::size_t i, Vector(&sums)[kWays],
                     auto load) __attribute__((always_inline)) {
        Unroll<kWays>([&](auto way) __attribute__((always_inline)) {
          sums[way] = load(rows[radius] + i + way * kLanes) * weights[0];
        });
        for (std::size_t k = 1; k <= radius; ++k) {
          Unroll<kWays>([&](auto way) __attribute__((always_inline)) {
            const std::size_t at = i + way * kLanes;
            sums[way] += (load(rows[radius - k] + at) + load(rows[radius + k] + at)) * weights[k];
          });
        }
      });
}

/// `count` rows of `cols` numbers, at most kLanes, into columns of lanes.
void TransposeRows(const float* from, std::size_t count, std::size_t cols, float* to) {
  for (std::size_t x = 0; x < cols; x += kLanes) {
    const bool whole = x + kLanes <= cols;
    const Mask rest = LanesBelow(static_cast<int>(whole ? kLanes : cols - x));
    Vector block[kLanes];
    for (std::size_t row = 0; row < kLanes; ++row) {
      const float* place = from + row * cols + x;
      block[row] = row >= count ? Vector{} : whole ? Load(place) : LoadLanes(place, rest);
    }
    Transpose(block);
    for (std::size_t i = 0; i < kLanes; ++i) Store(to + (x + i) * kLanes, block[i]);
  }
}

void SumColumns(const float* rows, std::size_t count, std::size_t cols, const TapRange* outputs,
                const float* weights, std::size_t output_cols, float* to, float* room) {
  for (std::size_t first = 0; first < count; first += kLanes) {
    const std::size_t here = count - first < kLanes ? count - first : kLanes;
    // A row per lane: then every column of pixels is a vector.
    TransposeRows(rows + first * cols, here, cols, room);
    for (std::size_t x = 0; x < output_cols; x += kLanes) {
      Vector sums[kLanes];
      for (std::size_t i = 0; i < kLanes; ++i) {
        sums[i] = Vector{};
        if (x + i >= output_cols) continue;
        const TapRange output = outputs[x + i];
        const float* from = room + output.first * kLanes;
        for (std::size_t k = 0; k < output.count; ++k)
          sums[i] += Load(from + k * kLanes) * weights[output.at + k];
      }
      Transpose(sums);
      const std::size_t left = output_cols - x;
      const Mask rest = LanesBelow(static_cast<int>(left < kLanes ? left : kLanes));
      for (std::size_t row = 0; row < here; ++row)
        StoreLanes(to + (first + row) * output_cols + x, rest, sums[row]);
    }
  }
}

}  // namespace
}  // namespace audit
