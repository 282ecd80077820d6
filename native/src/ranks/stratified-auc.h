#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ranks/score-order.h"

namespace audit {

/// The AUC of one stratum with its DeLong variance; NaN where the stratum has fewer than two rows
/// of either class.
struct AucCell {
  std::uint64_t positives, negatives, missing_scores, unknown_labels;
  double auc, variance;
};

/// AUC by mid-ranks, ties one half, and the variance of its placements (DeLong et al. 1988,
/// doi:10.2307/2531595; Sun & Xu 2014, doi:10.1109/LSP.2014.2337313), for every stratum from one
/// sort and one pass. Sums are whole numbers, so nothing overflows or cancels up to 4e9 rows. O(n +
/// strata). Throws as SortScores.
std::vector<AucCell> StratifiedAuc(const RankedRows& rows);

/// Two score columns of the same rows: both AUCs, their DeLong variances and covariance, and the
/// variance of the difference, per stratum; rows that lack either score take no part.
struct PairedCell {
  std::uint64_t positives, negatives;
  double auc_first, auc_second;
  double variance_first, variance_second, covariance, variance_of_difference;
};
std::vector<PairedCell> PairedAuc(const RankedRows& first, const RankedRows& second);

/// Every threshold that changes a decision in one stratum, descending from "nothing is positive".
struct RocSteps {
  std::vector<std::uint32_t> false_positives, true_positives;
  std::vector<double> thresholds;
};
/// Throws as SortScores, and BAD_PARAMETER for a stratum that is not there.
RocSteps FindRocSteps(const RankedRows& rows, std::size_t stratum);

}  // namespace audit
