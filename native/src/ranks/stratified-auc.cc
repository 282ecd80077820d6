#include "ranks/stratified-auc.h"

#include <limits>

#include "core/kernel-error.h"
#include "ranks/placements.h"

namespace audit {
namespace {

using std::size_t;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double Squared(std::uint64_t count) {
  return static_cast<double>(count) * static_cast<double>(count);
}

/// DeLong's variance from the two classes' summed squared deviations of doubled placements.
double Variance(double of_positives, double of_negatives, std::uint64_t positives,
                std::uint64_t negatives) {
  const double p = static_cast<double>(positives), n = static_cast<double>(negatives);
  return of_positives / (4 * Squared(negatives)) / (p - 1) / p +
         of_negatives / (4 * Squared(positives)) / (n - 1) / n;
}

}  // namespace

std::vector<AucCell> StratifiedAuc(const RankedRows& rows) {
  const ScoreOrder order = SortScores(rows);
  std::vector<PlacementSums> sums(2 * rows.stratum_count);
  ForPlacements(order, rows.stratum_count, [&](const RankedRow& row, std::uint64_t placement) {
    PlacementSums& to = sums[row.code];
    to.count += 1;
    to.first += placement;
    to.first_squared += static_cast<WideSum>(placement) * placement;
  });
  std::vector<AucCell> cells;
  cells.reserve(rows.stratum_count);
  for (size_t stratum = 0; stratum < rows.stratum_count; ++stratum) {
    const PlacementSums& of_negatives = sums[2 * stratum];
    const PlacementSums& of_positives = sums[2 * stratum + 1];
    const std::uint64_t positives = of_positives.count, negatives = of_negatives.count;
    AucCell& cell = cells.emplace_back(AucCell{positives, negatives, order.missing_scores[stratum],
                                               order.unknown_labels[stratum], kNone, kNone});
    if (positives < 2 || negatives < 2) continue;
    cell.auc = static_cast<double>(of_positives.first) /
               (2 * static_cast<double>(positives) * static_cast<double>(negatives));
    const auto deviations = [](const PlacementSums& of) {
      return Deviations(of.count, of.first_squared, of.first, of.first);
    };
    cell.variance =
        Variance(deviations(of_positives), deviations(of_negatives), positives, negatives);
  }
  return cells;
}

std::vector<PairedCell> PairedAuc(const RankedRows& first, const RankedRows& second) {
  if (first.size() != second.size() || first.stratum_count != second.stratum_count) {
    throw KernelError(ErrorCode::kBadBufferLength,
                      "Expected two score columns of the same rows; align them first");
  }
  // A row without one of its scores must not count for the other either.
  const auto has_score = [](const RankedRows& rows, size_t row) {
    return rows.scores64.empty() ? rows.scores32[row] == rows.scores32[row]
                                 : rows.scores64[row] == rows.scores64[row];
  };
  std::vector<std::uint8_t> labels(first.labels.begin(), first.labels.end());
  RankedRows both[2] = {first, second};
  for (RankedRows& rows : both) {
    if ((rows.scores64.empty() ? rows.scores32.size() : rows.scores64.size()) != labels.size()) {
      throw KernelError(ErrorCode::kBadBufferLength,
                        "Expected one score per label; align them first");
    }
  }
  for (size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] <= 1 && !(has_score(first, row) && has_score(second, row))) labels[row] = 255;
  }
  for (RankedRows& rows : both) rows.labels = labels;
  std::vector<std::uint64_t> of_first(labels.size());
  ForPlacements(
      SortScores(both[0]), first.stratum_count,
      [&](const RankedRow& row, std::uint64_t placement) { of_first[row.row] = placement; });
  std::vector<PlacementSums> sums(2 * first.stratum_count);
  ForPlacements(SortScores(both[1]), first.stratum_count,
                [&](const RankedRow& row, std::uint64_t placement) {
                  PlacementSums& to = sums[row.code];
                  const WideSum a = of_first[row.row], b = placement;
                  to.count += 1;
                  to.first += a;
                  to.second += b;
                  to.first_squared += a * a;
                  to.second_squared += b * b;
                  to.product += a * b;
                });
  std::vector<PairedCell> cells;
  cells.reserve(first.stratum_count);
  for (size_t stratum = 0; stratum < first.stratum_count; ++stratum) {
    const PlacementSums& n = sums[2 * stratum];
    const PlacementSums& p = sums[2 * stratum + 1];
    PairedCell& cell =
        cells.emplace_back(PairedCell{p.count, n.count, kNone, kNone, kNone, kNone, kNone, kNone});
    if (p.count < 2 || n.count < 2) continue;
    const double pairs = 2 * static_cast<double>(p.count) * static_cast<double>(n.count);
    cell.auc_first = static_cast<double>(p.first) / pairs;
    cell.auc_second = static_cast<double>(p.second) / pairs;
    const auto of = [&](auto deviations) {
      return Variance(deviations(p), deviations(n), p.count, n.count);
    };
    const auto first_first = [](const PlacementSums& s) {
      return Deviations(s.count, s.first_squared, s.first, s.first);
    };
    const auto second_second = [](const PlacementSums& s) {
      return Deviations(s.count, s.second_squared, s.second, s.second);
    };
    const auto product = [](const PlacementSums& s) {
      return Deviations(s.count, s.product, s.first, s.second);
    };
    cell.variance_first = of(first_first);
    cell.variance_second = of(second_second);
    cell.covariance = of(product);
    cell.variance_of_difference = of(
        [&](const PlacementSums& s) { return first_first(s) + second_second(s) - 2 * product(s); });
  }
  return cells;
}

RocSteps FindRocSteps(const RankedRows& rows, size_t stratum) {
  if (stratum >= rows.stratum_count) {
    throw KernelError(ErrorCode::kBadParameter, "Expected a stratum that is there; count from 0");
  }
  const ScoreOrder order = SortScores(rows);
  RocSteps steps{{0}, {0}, {std::numeric_limits<double>::infinity()}};
  std::uint32_t called[2] = {0, 0};
  for (size_t k = order.rows.size(); k-- > 0;) {
    const RankedRow& row = order.rows[k];
    if (row.code / 2 == stratum) called[row.code % 2] += 1;
    const bool ends = k == 0 || order.ends[k - 1] != 0;
    const std::uint32_t known = steps.false_positives.back() + steps.true_positives.back();
    if (!ends || called[0] + called[1] == known) continue;
    steps.false_positives.push_back(called[0]);
    steps.true_positives.push_back(called[1]);
    steps.thresholds.push_back(rows.scores64.empty() ? static_cast<double>(rows.scores32[row.row])
                                                     : rows.scores64[row.row]);
  }
  return steps;
}

}  // namespace audit
