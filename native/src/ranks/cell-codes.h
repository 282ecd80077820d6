#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "core/kernel-error.h"
#include "core/raw-array.h"
#include "ranks/score-order.h"

namespace audit {

/// A stratum takes memory whether it has rows or not.
inline constexpr std::size_t kMaxStrata = std::size_t{1} << 20;

/// Which rows are positive, and which stratum each is in.
struct Truth {
  /// Length n: 1 positive, 0 negative, 255 unknown.
  std::span<const std::uint8_t> labels;
  /// Length n, in one of the two widths, or both empty for one stratum; a code of stratum_count or
  /// more takes no part.
  std::span<const std::uint32_t> strata32;
  std::span<const std::uint16_t> strata16;
  std::size_t stratum_count = 1;
};

/// One small number a row: 2 * stratum + label, or 2 * stratum_count for a row that takes no part.
/// So a pass needs one read a row, and `code ^ 1` is the opposite class of the same stratum.
template <class Code>
struct CellCodes {
  RawArray<Code> codes;
  /// Rows per code; 2 * stratum_count + 2 of them.
  std::vector<std::uint64_t> sizes;
  /// Per stratum: rows with a known label and no score, and rows without a label.
  std::vector<std::uint64_t> missing_scores, unknown_labels;
};

/// Throws BAD_PARAMETER for no strata, BAD_BUFFER_LENGTH for columns of another length than `rows`,
/// TOO_LARGE above kMaxStrata.
void RequireTruth(const Truth& truth, std::size_t rows);

template <class Code, class StratumOf>
void Encode(const Truth& truth, StratumOf stratum_of, CellCodes<Code>& cells) {
  const std::size_t count = truth.stratum_count, outside = 2 * count;
  Code* codes = cells.codes.data();
  for (std::size_t row = 0; row < truth.labels.size(); ++row) {
    const std::size_t label = truth.labels[row], stratum = stratum_of(row);
    const bool takes_part = label <= 1 && stratum < count;
    const std::size_t code = takes_part ? 2 * stratum + label : outside;
    codes[row] = static_cast<Code>(code);
    cells.sizes[code] += 1;
    if (label <= 1) continue;
    if (label != 255) {
      throw KernelError(ErrorCode::kBadParameter, "Expected labels 0, 1 or 255 (unknown), got " +
                                                      std::to_string(label) + "; map them first");
    }
    if (stratum < count) cells.unknown_labels[stratum] += 1;
  }
}

/// Codes of every row; those that lack a score in any of `orders` take no part. O(n). Throws as
/// RequireTruth, and BAD_PARAMETER for a label that is not 0, 1 or 255.
template <class Code>
CellCodes<Code> EncodeCells(const Truth& truth, std::initializer_list<const ScoreOrder*> orders) {
  for (const ScoreOrder* order : orders) RequireTruth(truth, order->size);
  const std::size_t count = truth.stratum_count, outside = 2 * count;
  CellCodes<Code> cells{RawArray<Code>(truth.labels.size()),
                        std::vector<std::uint64_t>(outside + 2), std::vector<std::uint64_t>(count),
                        std::vector<std::uint64_t>(count)};
  if (!truth.strata32.empty()) {
    Encode(
        truth, [&](std::size_t row) { return std::size_t{truth.strata32[row]}; }, cells);
  } else if (!truth.strata16.empty()) {
    Encode(
        truth, [&](std::size_t row) { return std::size_t{truth.strata16[row]}; }, cells);
  } else {
    Encode(
        truth, [](std::size_t) { return std::size_t{0}; }, cells);
  }
  for (const ScoreOrder* order : orders) {
    for (const std::uint32_t row : order->missing) {
      const Code code = cells.codes[row];
      if (code == outside) continue;
      cells.missing_scores[code / 2] += 1;
      cells.sizes[code] -= 1;
      cells.sizes[outside] += 1;
      cells.codes[row] = static_cast<Code>(outside);
    }
  }
  return cells;
}

/// Calls work(Code{}) with the narrowest type that holds every code: the fewer bytes, the more of
/// the random reads hit a cache.
template <class Work>
auto WithCodeType(std::size_t stratum_count, Work work) {
  if (stratum_count < 128) return work(std::uint8_t{});
  if (stratum_count < 32768) return work(std::uint16_t{});
  return work(std::uint32_t{});
}

}  // namespace audit
