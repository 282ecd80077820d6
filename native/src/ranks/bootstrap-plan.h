#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/raw-array.h"
#include "ranks/bootstrap.h"
#include "ranks/cell-codes.h"
#include "ranks/score-order.h"

namespace audit {

/// One class or model that is resampled: its sorted scores and its labels.
struct BootstrapColumn {
  const ScoreOrder* order;
  std::span<const std::uint8_t> labels;
};

/// Rows laid out once for all replicates, with what says whether an interval can be had. Cell =
/// column * stratum_count + stratum.
struct PlannedBootstrap {
  std::vector<std::uint32_t> starts;
  RawArray<std::uint32_t> patients;
  RawArray<std::uint8_t> flags;
  /// Patients with a row inside a stratum: those that are resampled.
  std::size_t patient_count = 0;
  /// Distinct patients among the positives, and among the negatives, of each cell.
  std::vector<std::uint32_t> positive_patients, negative_patients;

  BootstrapPlan view() const { return {starts, patients.span(), flags.span(), patient_count}; }
};

/// Numbers the patients that take part in order, and lays out the rows of every cell; no replicate
/// sorts anything. `shared` gives the strata of all columns, its labels are not read; `patients`
/// has the patient of every row, below `patient_count`. O(columns * n + patients). Throws as
/// EncodeCells; BAD_PARAMETER for a patient out of range; TOO_LARGE above 4e9 rows in all columns.
PlannedBootstrap PlanBootstrap(std::span<const BootstrapColumn> columns, const Truth& shared,
                               std::span<const std::uint32_t> patients, std::size_t patient_count);

}  // namespace audit
