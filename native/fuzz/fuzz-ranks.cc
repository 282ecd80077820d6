// Any columns: AUCs in [0, 1], variances of 0 or more, the same from narrow strata as from wide;
// plans and the bootstrap over them, and over any other plan.

#include <cmath>
#include <cstdlib>
#include <vector>

#include "bytes.h"
#include "core/kernel-error.h"
#include "ranks/bootstrap-plan.h"
#include "ranks/bootstrap.h"
#include "ranks/score-order.h"
#include "ranks/stratified-auc.h"

namespace {

void CheckAuc(double auc, double variance) {
  if (std::isnan(auc) != std::isnan(variance)) std::abort();
  if (!std::isnan(auc) && !(auc >= 0 && auc <= 1 && variance >= 0)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const std::size_t rows = bytes.Between(0, 60);
  const bool wide = bytes.Between(0, 1) == 1;
  std::vector<float> narrow_scores;
  std::vector<double> wide_scores;
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> strata;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto kind = bytes.Take<std::uint8_t>();
    labels.push_back(kind % 16 == 0 ? 255 : kind % 2);
    strata.push_back(bytes.Take<std::uint8_t>() % 4);
    const bool any = kind > 128;
    if (wide) {
      wide_scores.push_back(any ? bytes.Take<double>() : bytes.Take<std::int8_t>());
    } else {
      narrow_scores.push_back(any ? bytes.Take<float>()
                                  : static_cast<float>(bytes.Take<std::int8_t>()));
    }
  }
  std::vector<std::uint16_t> narrow_strata(strata.begin(), strata.end());
  audit::Truth truth{labels, strata, {}, bytes.Between(0, 4)};
  if (bytes.OneIn(8)) truth.stratum_count = 130 + bytes.Between(0, 1) * 40000;
  std::vector<std::uint32_t> patients(rows);
  for (auto& patient : patients) patient = bytes.Take<std::uint8_t>() % 20;
  const std::size_t replicates = bytes.Between(0, 20);
  try {
    const audit::ScoreOrder order =
        wide ? audit::SortScores(wide_scores) : audit::SortScores(narrow_scores);
    const auto cells = audit::StratifiedAuc(order, truth);
    for (const auto& cell : cells) CheckAuc(cell.auc, cell.variance);
    const auto paired = audit::PairedAuc(order, order, truth);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const auto& pair = paired[k];
      CheckAuc(pair.auc_first, pair.variance_first);
      if (std::isnan(pair.auc_first)) continue;
      if (pair.auc_first != cells[k].auc || pair.variance_of_difference != 0) std::abort();
    }
    audit::Truth narrow = truth;
    narrow.strata32 = {};
    narrow.strata16 = narrow_strata;
    const auto again = audit::StratifiedAuc(order, narrow);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      if (again[k].positives != cells[k].positives || again[k].negatives != cells[k].negatives)
        std::abort();
    }
    const audit::BootstrapColumn columns[] = {{&order, labels}, {&order, labels}};
    const auto plan = audit::PlanBootstrap(columns, truth, patients, bytes.OneIn(9) ? 10 : 20);
    std::vector<double> aucs(replicates * (plan.starts.size() - 1));
    audit::BootstrapAuc(plan.view(), 1, 0, replicates, aucs, 1);
    for (const double auc : aucs) CheckAuc(auc, auc);
    audit::FindRocSteps(order, truth, bytes.Between(0, 4));
  } catch (const audit::KernelError&) {
  }
  std::vector<std::uint32_t> starts(bytes.Between(0, 4));
  for (auto& start : starts) start = bytes.Take<std::uint8_t>() % 80;
  for (auto& patient : patients) patient = bytes.Take<std::uint8_t>() % 20;
  std::vector<std::uint8_t> flags(bytes.Between(0, 9) == 0 ? rows / 2 : rows);
  for (auto& flag : flags) flag = bytes.Take<std::uint8_t>() % 4;
  std::vector<double> results(replicates * (starts.empty() ? 0 : starts.size() - 1));
  const auto sets = audit::RunnableInstructionSets();
  try {
    audit::BootstrapAuc({starts, patients, flags, bytes.Between(0, 20)},
                        bytes.Take<std::int64_t>() >> 11, 0, replicates, results, 1,
                        sets[bytes.Between(0, sets.size() - 1)]);
  } catch (const audit::KernelError&) {
  }
  return 0;
}
