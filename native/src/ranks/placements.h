#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ranks/score-order.h"

namespace audit {

/// Whole numbers of 128 bits: sums of squared placements stay exact up to 4e9 rows.
__extension__ typedef unsigned __int128 WideSum;

/// Calls visit(row, placement) for every row in order, where placement is twice the number of rows
/// of the opposite class and same stratum that score lower, plus those that score the same: at most
/// twice the rows. O(n).
template <class Visit>
void ForPlacements(const ScoreOrder& order, std::size_t stratum_count, Visit visit) {
  // Rows below, and rows below or equal, per code; code ^ 1 is the opposite class of the same
  // stratum.
  std::vector<std::uint64_t> below(2 * stratum_count), through(2 * stratum_count);
  const std::size_t size = order.rows.size();
  for (std::size_t first = 0; first < size;) {
    if (order.ends[first]) {
      const RankedRow& row = order.rows[first];
      visit(row, 2 * below[row.code ^ 1]);
      through[row.code] = below[row.code] += 1;
      ++first;
      continue;
    }
    std::size_t end = first;
    do {
      through[order.rows[end].code] += 1;
    } while (!order.ends[end++]);
    for (std::size_t k = first; k < end; ++k) {
      const RankedRow& row = order.rows[k];
      visit(row, below[row.code ^ 1] + through[row.code ^ 1]);
    }
    for (std::size_t k = first; k < end; ++k)
      below[order.rows[k].code] = through[order.rows[k].code];
    first = end;
  }
}

/// The comoments of one class's placements on one or two score columns: exact.
struct PlacementSums {
  std::uint64_t count = 0;
  WideSum first = 0, second = 0;
  WideSum first_squared = 0, second_squared = 0, product = 0;
};

/// Sum over the class of (a - mean a)(b - mean b), from whole sums: only the last steps round. A
/// cancellation is exact.
double Deviations(std::uint64_t count, WideSum sum_of_products, WideSum sum_a, WideSum sum_b);

}  // namespace audit
