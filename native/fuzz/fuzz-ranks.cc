// Any columns, labels and strata: AUCs equal to counting every pair, variances of 0 or more, the
// same from narrow strata as from wide; plans of a bootstrap, and its replicates over those and
// over any other plan, the same from every instruction set.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "bytes.h"
#include "core/kernel-error.h"
#include "fence.h"
#include "ranks/bootstrap-plan.h"
#include "ranks/bootstrap.h"
#include "ranks/score-order.h"
#include "ranks/stratified-auc.h"

namespace {

using audit::AucCell;
using audit::ScoreOrder;
using audit::Truth;
using std::size_t;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool Same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void RequireAuc(double auc, double variance) {
  Require(std::isnan(auc) == std::isnan(variance));
  Require(std::isnan(auc) || (auc >= 0 && auc <= 1 && variance >= 0));
}

/// A column of either width, as a fuzzer made it.
struct Column {
  std::span<float> narrow;
  std::span<double> wide;
  bool is_wide;

  double at(size_t row) const { return is_wide ? wide[row] : double{narrow[row]}; }
  ScoreOrder Sort() const {
    return is_wide ? audit::SortScores(std::span<const double>(wide))
                   : audit::SortScores(std::span<const float>(narrow));
  }
};

/// Every pair of a positive and a negative of one stratum: 2 for a win, 1 for a tie.
void RequireCell(const AucCell& cell, const Column& column, const Truth& truth, size_t stratum) {
  std::vector<double> of[2];
  size_t missing = 0, unknown = 0;
  for (size_t row = 0; row < truth.labels.size(); ++row) {
    const size_t in = truth.strata32.empty() ? 0 : truth.strata32[row];
    if (in != stratum) continue;
    const bool known = truth.labels[row] <= 1, scored = !std::isnan(column.at(row));
    unknown += known ? 0 : 1;
    missing += known && !scored ? 1 : 0;
    if (known && scored) of[truth.labels[row]].push_back(column.at(row));
  }
  Require(cell.positives == of[1].size() && cell.negatives == of[0].size());
  Require(cell.missing_scores == missing && cell.unknown_labels == unknown);
  if (of[0].size() < 2 || of[1].size() < 2) return Require(std::isnan(cell.auc));
  size_t wins = 0;
  for (const double positive : of[1]) {
    for (const double negative : of[0])
      wins += positive > negative ? 2 : positive == negative ? 1 : 0;
  }
  Require(cell.auc == static_cast<double>(wins) / (2 * static_cast<double>(of[1].size()) *
                                                   static_cast<double>(of[0].size())));
}

void CheckStatistics(Bytes& bytes, const Column& column, const ScoreOrder& order,
                     const Truth& truth) {
  const auto cells = audit::StratifiedAuc(order, truth);
  for (size_t stratum = 0; stratum < cells.size(); ++stratum) {
    RequireAuc(cells[stratum].auc, cells[stratum].variance);
    if (stratum < 6) RequireCell(cells[stratum], column, truth, stratum);
  }
  const auto paired = audit::PairedAuc(order, order, truth);
  for (size_t k = 0; k < cells.size(); ++k) {
    Require(Same(paired[k].auc_first, cells[k].auc) && Same(paired[k].auc_second, cells[k].auc));
    Require(std::isnan(cells[k].auc) || paired[k].variance_of_difference == 0);
  }
  const std::vector<std::uint16_t> codes(truth.strata32.begin(), truth.strata32.end());
  Truth narrow = truth;
  narrow.strata32 = {};
  narrow.strata16 = codes;
  const auto again = audit::StratifiedAuc(order, narrow);
  for (size_t k = 0; k < cells.size(); ++k) Require(Same(again[k].variance, cells[k].variance));
  const auto steps = audit::FindRocSteps(order, truth, bytes.Between(0, 4));
  Require(std::ranges::is_sorted(steps.false_positives) &&
          std::ranges::is_sorted(steps.true_positives));
}

/// The replicates of a plan from the instruction set that the fuzzer picked, and from the portable
/// one.
void CheckBootstrap(Bytes& bytes, const audit::BootstrapPlan& plan) {
  const size_t replicates = bytes.Between(0, 20),
               cells = plan.starts.empty() ? 0 : plan.starts.size() - 1;
  const auto sets = audit::RunnableInstructionSets();
  const auto seed = bytes.Take<std::int64_t>() >> 11;
  const size_t from = bytes.Between(0, 3);
  std::vector<double> got(replicates * cells, -1.0), expected(replicates * cells, -2.0);
  audit::BootstrapAuc(plan, seed, from, from + replicates, got, bytes.OneIn(64) ? 3 : 1,
                      sets[bytes.Between(0, sets.size() - 1)]);
  audit::BootstrapAuc(plan, seed, from, from + replicates, expected, 1, sets.front());
  Require(std::ranges::equal(got, expected, Same));
  for (const double auc : got) RequireAuc(auc, auc);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  static Fence<float> narrow_scores;
  static Fence<double> wide_scores;
  static Fence<std::uint8_t> label_bytes;
  static Fence<std::uint32_t> strata_words;
  Bytes bytes(data, size);
  const size_t what = bytes.Between(0, 3);
  const size_t rows = bytes.Between(0, 60), spot = bytes.Between(0, 8);
  const Column column{narrow_scores.Lay(rows, spot), wide_scores.Lay(rows, spot), bytes.OneIn(2)};
  // Now and then columns that are not aligned.
  const auto labels = label_bytes.Lay(bytes.OneIn(32) ? rows / 2 : rows, spot);
  const auto strata = strata_words.Lay(bytes.OneIn(32) ? rows / 2 : rows, spot);
  for (size_t row = 0; row < rows; ++row) {
    const auto kind = bytes.Take<std::uint8_t>();
    if (row < labels.size()) labels[row] = kind % 16 == 0 ? 255 : kind % 2;
    const std::size_t stratum = bytes.Between(0, 3);
    if (row < strata.size()) strata[row] = static_cast<std::uint32_t>(stratum);
    // Few levels make ties; one in eight is anything, NaN and infinity among them.
    column.wide[row] = kind > 223 ? bytes.Take<double>() : bytes.Take<std::int8_t>() % 16;
    column.narrow[row] = kind > 223 ? bytes.Take<float>() : static_cast<float>(column.wide[row]);
  }
  std::vector<std::uint32_t> patients(rows);
  for (auto& patient : patients) patient = bytes.Take<std::uint8_t>() % 20;
  Truth truth{labels, strata, {}, bytes.Between(0, 4)};
  if (bytes.OneIn(16)) truth.stratum_count = 130;
  // Codes of the widest type cost a thousand times the rest: too dear for a fuzzer to take a liking
  // to.
  if (std::accumulate(data, data + size, size_t{0}) % 512 == 7) truth.stratum_count = 40'000;
  if (bytes.OneIn(16)) truth.strata32 = {};
  if (bytes.OneIn(16) && !labels.empty()) labels[0] = bytes.Take<std::uint8_t>();
  try {
    if (what <= 1) {
      CheckStatistics(bytes, column, column.Sort(), truth);
    } else if (what == 2) {
      const ScoreOrder order = column.Sort();
      const audit::BootstrapColumn columns[] = {{&order, labels}, {&order, labels}};
      const auto plan = audit::PlanBootstrap(columns, truth, patients, bytes.OneIn(9) ? 10 : 20);
      CheckBootstrap(bytes, plan.view());
    } else {
      std::vector<std::uint32_t> starts(bytes.Between(0, 4));
      for (auto& start : starts) start = bytes.Take<std::uint8_t>() % 80;
      if (!bytes.OneIn(4)) std::ranges::sort(starts);
      for (std::uint8_t& label : labels) label %= 4;
      const auto flags = labels.first(bytes.OneIn(9) ? labels.size() / 2 : labels.size());
      CheckBootstrap(bytes, {starts, patients, flags, bytes.OneIn(4) ? bytes.Between(0, 20) : 20});
    }
  } catch (const audit::KernelError&) {
  }
  narrow_scores.Check();
  wide_scores.Check();
  label_bytes.Check();
  strata_words.Check();
  return 0;
}
