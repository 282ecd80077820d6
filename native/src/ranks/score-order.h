#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/raw-array.h"

namespace audit {

/// A score column sorted once, for any number of questions about it.
struct ScoreOrder {
  /// Rows of the column, those without a score included.
  std::size_t size = 0;
  /// Rows with a score, ascending by it; equal scores in order of row.
  RawArray<std::uint32_t> rows;
  /// 1 where the next of `rows` has another score, and at the end.
  RawArray<std::uint8_t> ends;
  /// Rows whose score is NaN, ascending.
  RawArray<std::uint32_t> missing;
};

/// Least-significant-digit radix sort over the bits, O(n): -0 equals +0, infinities are at the
/// ends, NaN is missing. Throws TOO_LARGE above 4e9 rows.
ScoreOrder SortScores(std::span<const float> scores);
ScoreOrder SortScores(std::span<const double> scores);

}  // namespace audit
