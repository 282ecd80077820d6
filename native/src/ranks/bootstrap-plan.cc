#include "ranks/bootstrap-plan.h"

#include <algorithm>

#include "core/kernel-error.h"

namespace audit {
namespace {

using std::size_t;

constexpr std::uint32_t kNobody = 0xffffffffu;
constexpr std::uint8_t kPositive = 1, kTied = 2;

/// The number of each patient among those that have a row inside a stratum; kNobody for others.
RawArray<std::uint32_t> NumberParticipants(const Truth& strata,
                                           std::span<const std::uint32_t> patients,
                                           size_t patient_count, size_t& participants) {
  RawArray<std::uint32_t> numbers(patient_count);
  std::ranges::fill(numbers, kNobody);
  const auto inside = [&](size_t row) {
    if (!strata.strata32.empty()) return strata.strata32[row] < strata.stratum_count;
    if (!strata.strata16.empty()) return strata.strata16[row] < strata.stratum_count;
    return true;
  };
  for (size_t row = 0; row < patients.size(); ++row) {
    if (patients[row] >= patient_count) {
      throw KernelError(ErrorCode::kBadParameter,
                        "Expected patients below their count; number them again");
    }
    if (inside(row)) numbers[patients[row]] = 0;
  }
  participants = 0;
  for (std::uint32_t& number : numbers) {
    if (number == 0) number = static_cast<std::uint32_t>(participants++);
  }
  return numbers;
}

/// Writes the rows of one column's cells, from cell `first` on.
template <class Code>
void LayOut(const BootstrapColumn& column, const CellCodes<Code>& cells, size_t stratum_count,
            std::span<const std::uint32_t> patients, const RawArray<std::uint32_t>& numbers,
            size_t first, PlannedBootstrap& plan) {
  std::vector<std::uint32_t> next(stratum_count);
  for (size_t stratum = 0; stratum < stratum_count; ++stratum) {
    const size_t cell = first + stratum;
    const std::uint64_t rows = cells.sizes[2 * stratum] + cells.sizes[2 * stratum + 1];
    next[stratum] = plan.starts[cell];
    plan.starts[cell + 1] = plan.starts[cell] + static_cast<std::uint32_t>(rows);
  }
  const ScoreOrder& order = *column.order;
  // Two rows of a cell are tied when no score ends between them.
  std::vector<std::uint32_t> last_score(stratum_count, kNobody);
  std::uint32_t score = 0;
  for (size_t k = 0; k < order.rows.size(); ++k) {
    const std::uint32_t row = order.rows[k];
    const size_t code = cells.codes[row], stratum = code / 2;
    if (stratum < stratum_count) {
      const std::uint32_t at = next[stratum]++;
      if (last_score[stratum] == score) plan.flags[at - 1] |= kTied;
      last_score[stratum] = score;
      plan.patients[at] = numbers[patients[row]];
      plan.flags[at] = static_cast<std::uint8_t>(code & 1);
    }
    score += order.ends[k];
  }
}

void CountClusters(PlannedBootstrap& plan) {
  const size_t cells = plan.starts.size() - 1;
  plan.positive_patients.resize(cells);
  plan.negative_patients.resize(cells);
  // The last cell in which each patient was counted, by class.
  std::vector<std::uint32_t> counted[2];
  for (auto& cell : counted) cell.assign(plan.patient_count, kNobody);
  for (size_t cell = 0; cell < cells; ++cell) {
    std::uint32_t* const counts[2] = {&plan.negative_patients[cell], &plan.positive_patients[cell]};
    for (size_t k = plan.starts[cell]; k < plan.starts[cell + 1]; ++k) {
      const unsigned positive = plan.flags[k] & kPositive;
      std::uint32_t& last = counted[positive][plan.patients[k]];
      if (last == cell) continue;
      last = static_cast<std::uint32_t>(cell);
      *counts[positive] += 1;
    }
  }
}

}  // namespace

PlannedBootstrap PlanBootstrap(std::span<const BootstrapColumn> columns, const Truth& shared,
                               std::span<const std::uint32_t> patients, size_t patient_count) {
  std::uint64_t capacity = 0;
  for (const BootstrapColumn& column : columns) {
    capacity += column.order->rows.size();
    if (column.order->size != patients.size()) {
      throw KernelError(ErrorCode::kBadBufferLength,
                        "Expected a patient for every row; align them first");
    }
    // Before the strata are read row by row.
    Truth truth = shared;
    truth.labels = column.labels;
    RequireTruth(truth, patients.size());
  }
  if (capacity > 0xfffffff0u || columns.size() * shared.stratum_count > 1000000000u) {
    throw KernelError(ErrorCode::kTooLarge,
                      "Expected at most 4e9 rows and 1e9 cells; split the set");
  }
  PlannedBootstrap plan;
  if (columns.empty()) {
    plan.starts = {0};
    return plan;
  }
  const auto numbers = NumberParticipants(shared, patients, patient_count, plan.patient_count);
  plan.starts.resize(columns.size() * shared.stratum_count + 1);
  plan.patients = RawArray<std::uint32_t>(capacity);
  plan.flags = RawArray<std::uint8_t>(capacity);
  for (size_t column = 0; column < columns.size(); ++column) {
    Truth truth = shared;
    truth.labels = columns[column].labels;
    WithCodeType(shared.stratum_count, [&]<class Code>(Code) {
      LayOut(columns[column], EncodeCells<Code>(truth, {columns[column].order}),
             shared.stratum_count, patients, numbers, column * shared.stratum_count, plan);
    });
  }
  plan.patients.Shorten(plan.starts.back());
  plan.flags.Shorten(plan.starts.back());
  CountClusters(plan);
  return plan;
}

}  // namespace audit
