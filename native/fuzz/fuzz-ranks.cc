// Any columns: AUCs in [0, 1], variances of 0 or more, and the bootstrap over any plan.

#include <cmath>
#include <cstdlib>
#include <vector>

#include "bytes.h"
#include "core/kernel-error.h"
#include "ranks/bootstrap.h"
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
  const audit::RankedRows ranked{narrow_scores, wide_scores, labels, strata, bytes.Between(0, 4)};
  try {
    for (const auto& cell : audit::StratifiedAuc(ranked)) CheckAuc(cell.auc, cell.variance);
    for (const auto& cell : audit::PairedAuc(ranked, ranked))
      CheckAuc(cell.auc_first, cell.variance_first);
    audit::FindRocSteps(ranked, bytes.Between(0, 4));
  } catch (const audit::KernelError&) {
  }
  std::vector<std::uint32_t> starts(bytes.Between(0, 4));
  for (auto& start : starts) start = bytes.Take<std::uint8_t>() % 80;
  std::vector<std::uint32_t> patients(rows);
  for (auto& patient : patients) patient = bytes.Take<std::uint8_t>() % 20;
  std::vector<std::uint8_t> flags(bytes.Between(0, 9) == 0 ? rows / 2 : rows);
  for (auto& flag : flags) flag = bytes.Take<std::uint8_t>() % 4;
  const std::size_t replicates = bytes.Between(0, 20);
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
