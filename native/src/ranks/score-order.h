#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace audit {

/// One question about a score column: which rows are positive, and which stratum each is in.
struct RankedRows {
  /// Length n; NaN is a missing score. Exactly one of the two has length n, unless n is 0.
  std::span<const float> scores32;
  std::span<const double> scores64;
  /// Length n: 1 positive, 0 negative, 255 unknown.
  std::span<const std::uint8_t> labels;
  /// Length n, or empty for one stratum; a code of stratum_count or more takes no part.
  std::span<const std::uint32_t> strata;
  std::size_t stratum_count;

  std::size_t size() const { return labels.size(); }
};

/// A row that takes part: 2 * stratum + label, and which row it was.
struct RankedRow {
  std::uint32_t code;
  std::uint32_t row;
};

/// Rows with a score and a known label inside a stratum, ascending by score, equal scores in order
/// of row; -0 equals +0. `ends[k]` is 1 when the next row's score is another.
/// Least-significant-digit radix sort, O(n).
struct ScoreOrder {
  std::vector<RankedRow> rows;
  std::vector<std::uint8_t> ends;
  /// Per stratum: rows with a known label and no score, and rows without a label.
  std::vector<std::uint64_t> missing_scores, unknown_labels;
};

/// Throws BAD_PARAMETER for a label that is not 0, 1 or 255 or no strata; BAD_BUFFER_LENGTH for
/// columns of different length; TOO_LARGE above 4e9 rows or 1e9 strata.
ScoreOrder SortScores(const RankedRows& rows);

}  // namespace audit
