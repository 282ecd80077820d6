#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ranks/cell-codes.h"
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
/// pass. Sums are whole numbers, so nothing overflows or cancels up to 4e9 rows. O(n + strata).
/// Throws as EncodeCells.
std::vector<AucCell> StratifiedAuc(const ScoreOrder& order, const Truth& truth);

/// Two score columns of the same rows: both AUCs, their DeLong variances and covariance, and the
/// variance of the difference, per stratum; rows that lack either score take no part.
struct PairedCell {
  std::uint64_t positives, negatives;
  double auc_first, auc_second;
  double variance_first, variance_second, covariance, variance_of_difference;
};
std::vector<PairedCell> PairedAuc(const ScoreOrder& first, const ScoreOrder& second,
                                  const Truth& truth);

/// Every threshold that changes a decision in one stratum, descending from "nothing is positive":
/// the rows called positive at it, and a row that has that score. The first step has no row.
struct RocSteps {
  std::vector<std::uint32_t> false_positives, true_positives, rows;
};
/// Throws as EncodeCells, and BAD_PARAMETER for a stratum that is not there.
RocSteps FindRocSteps(const ScoreOrder& order, const Truth& truth, std::size_t stratum);

}  // namespace audit
