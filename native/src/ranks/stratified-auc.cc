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

/// An AUC from the summed doubled placements of its positives.
double Auc(std::uint64_t wins, std::uint64_t positives, std::uint64_t negatives) {
  return static_cast<double>(wins) /
         (2 * static_cast<double>(positives) * static_cast<double>(negatives));
}

/// Of one class's doubled placements: exact.
struct Sums {
  std::uint64_t sum = 0;
  WideSum squares = 0;
};

/// Of one class's doubled placements on two score columns: exact.
struct PairedSums {
  std::uint64_t first = 0, second = 0;
  WideSum first_squared = 0, second_squared = 0, product = 0;
};

double FirstDeviations(const PairedSums& sums, std::uint64_t count) {
  return Deviations(count, sums.first_squared, sums.first, sums.first);
}
double SecondDeviations(const PairedSums& sums, std::uint64_t count) {
  return Deviations(count, sums.second_squared, sums.second, sums.second);
}
double ProductDeviations(const PairedSums& sums, std::uint64_t count) {
  return Deviations(count, sums.product, sums.first, sums.second);
}
double DifferenceDeviations(const PairedSums& sums, std::uint64_t count) {
  // Taken off in whole numbers: the two columns may be nearly equal.
  const std::uint64_t difference =
      sums.first > sums.second ? sums.first - sums.second : sums.second - sums.first;
  const WideSum squares = sums.first_squared + sums.second_squared - 2 * sums.product;
  return Deviations(count, squares, difference, difference);
}

}  // namespace

std::vector<AucCell> StratifiedAuc(const ScoreOrder& order, const Truth& truth) {
  return WithCodeType(truth.stratum_count, [&]<class Code>(Code) {
    const auto cells = EncodeCells<Code>(truth, {&order});
    std::vector<Sums> sums(cells.sizes.size());
    ForPlacements(order, cells.codes.data(), sums.size(),
                  [&](std::uint32_t, size_t code, std::uint64_t placement) {
                    sums[code].sum += placement;
                    sums[code].squares += static_cast<WideSum>(placement) * placement;
                  });
    std::vector<AucCell> results;
    results.reserve(truth.stratum_count);
    for (size_t stratum = 0; stratum < truth.stratum_count; ++stratum) {
      const std::uint64_t negatives = cells.sizes[2 * stratum];
      const std::uint64_t positives = cells.sizes[2 * stratum + 1];
      AucCell& cell =
          results.emplace_back(AucCell{positives, negatives, cells.missing_scores[stratum],
                                       cells.unknown_labels[stratum], kNone, kNone});
      if (positives < 2 || negatives < 2) continue;
      const auto deviations = [&](size_t code) {
        return Deviations(cells.sizes[code], sums[code].squares, sums[code].sum, sums[code].sum);
      };
      cell.auc = Auc(sums[2 * stratum + 1].sum, positives, negatives);
      cell.variance =
          Variance(deviations(2 * stratum + 1), deviations(2 * stratum), positives, negatives);
    }
    return results;
  });
}

std::vector<PairedCell> PairedAuc(const ScoreOrder& first, const ScoreOrder& second,
                                  const Truth& truth) {
  return WithCodeType(truth.stratum_count, [&]<class Code>(Code) {
    const auto cells = EncodeCells<Code>(truth, {&first, &second});
    const Code* codes = cells.codes.data();
    // Zeros for rows that lack the first score: they take no part, but are read below.
    std::vector<std::uint64_t> of_first(first.size);
    ForPlacements(
        first, codes, cells.sizes.size(),
        [&](std::uint32_t row, size_t, std::uint64_t placement) { of_first[row] = placement; });
    std::vector<PairedSums> sums(cells.sizes.size());
    ForPlacements(second, codes, cells.sizes.size(),
                  [&](std::uint32_t row, size_t code, std::uint64_t placement) {
                    PairedSums& to = sums[code];
                    const WideSum a = of_first[row], b = placement;
                    to.first += of_first[row];
                    to.second += placement;
                    to.first_squared += a * a;
                    to.second_squared += b * b;
                    to.product += a * b;
                  });
    std::vector<PairedCell> results;
    results.reserve(truth.stratum_count);
    for (size_t stratum = 0; stratum < truth.stratum_count; ++stratum) {
      const PairedSums &n = sums[2 * stratum], &p = sums[2 * stratum + 1];
      const std::uint64_t negatives = cells.sizes[2 * stratum];
      const std::uint64_t positives = cells.sizes[2 * stratum + 1];
      PairedCell& cell = results.emplace_back(
          PairedCell{positives, negatives, kNone, kNone, kNone, kNone, kNone, kNone});
      if (positives < 2 || negatives < 2) continue;
      const auto of = [&](double (*deviations)(const PairedSums&, std::uint64_t)) {
        return Variance(deviations(p, positives), deviations(n, negatives), positives, negatives);
      };
      cell.auc_first = Auc(p.first, positives, negatives);
      cell.auc_second = Auc(p.second, positives, negatives);
      cell.variance_first = of(FirstDeviations);
      cell.variance_second = of(SecondDeviations);
      cell.covariance = of(ProductDeviations);
      cell.variance_of_difference = of(DifferenceDeviations);
    }
    return results;
  });
}

RocSteps FindRocSteps(const ScoreOrder& order, const Truth& truth, size_t stratum) {
  if (stratum >= truth.stratum_count) {
    throw KernelError(ErrorCode::kBadParameter, "Expected a stratum that is there; count from 0");
  }
  return WithCodeType(truth.stratum_count, [&]<class Code>(Code) {
    const auto cells = EncodeCells<Code>(truth, {&order});
    RocSteps steps{{0}, {0}, {0}};
    std::uint32_t called[2] = {0, 0};
    for (size_t k = order.rows.size(); k-- > 0;) {
      const std::uint32_t row = order.rows[k];
      const size_t code = cells.codes[row];
      if (code / 2 == stratum) called[code % 2] += 1;
      const bool ends = k == 0 || order.ends[k - 1] != 0;
      const std::uint32_t known = steps.false_positives.back() + steps.true_positives.back();
      if (!ends || called[0] + called[1] == known) continue;
      steps.false_positives.push_back(called[0]);
      steps.true_positives.push_back(called[1]);
      steps.rows.push_back(row);
    }
    return steps;
  });
}

}  // namespace audit
