#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "isa/instruction-set.h"

namespace audit {

/// Rows laid out once for all replicates: cell c holds starts[c] .. starts[c + 1], ascending by
/// score.
struct BootstrapPlan {
  std::span<const std::uint32_t> starts;
  /// Per row: its patient, below patient_count; and bit 0 positive, bit 1 tied with the next row of
  /// the cell.
  std::span<const std::uint32_t> patients;
  std::span<const std::uint8_t> flags;
  std::size_t patient_count;
};

/// The AUC of every cell in replicates [from, to): patients drawn with replacement, their rows
/// counting as often. `results` holds (to - from) x cells, NaN where a resample lacks a class. A
/// function of the plan, the seed and the replicate's number alone. O(rows) a replicate; 16
/// replicates share each read of a row. Throws BAD_PARAMETER (starts that do not ascend or leave
/// the rows, a patient out of range, above 2^21 patients), BAD_BUFFER_LENGTH.
void BootstrapAuc(const BootstrapPlan& plan, std::int64_t seed, std::size_t from, std::size_t to,
                  std::span<double> results, int threads,
                  InstructionSet instructions = BestInstructionSet());

}  // namespace audit
