#pragma once

#include <cstdint>
#include <vector>

#include "ranks/score-order.h"

namespace audit {

/// Whole numbers of 128 bits: sums of squared placements stay exact up to 4e9 rows.
__extension__ typedef unsigned __int128 WideSum;

/// Calls visit(row, code, placement) for every row in order, where placement is twice the number of
/// rows of the opposite class and same stratum that score lower, plus those that score the same: at
/// most twice the rows. `codes` are of CellCodes, `code_count` of them possible. O(n).
template <class Code, class Visit>
void ForPlacements(const ScoreOrder& order, const Code* codes, std::size_t code_count,
                   Visit visit) {
  // Twice the rows below, per code. Within a tie each of its rows counts one first, and its other
  // one afterwards.
  std::vector<std::uint64_t> doubled(code_count);
  const std::uint32_t* rows = order.rows.data();
  const std::uint8_t* ends = order.ends.data();
  const std::size_t size = order.rows.size();
  for (std::size_t first = 0; first < size;) {
    if (ends[first]) {
      const std::uint32_t row = rows[first++];
      const std::size_t code = codes[row];
      visit(row, code, doubled[code ^ 1]);
      doubled[code] += 2;
      continue;
    }
    std::size_t end = first;
    do {
      doubled[codes[rows[end]]] += 1;
    } while (!ends[end++]);
    for (std::size_t k = first; k < end; ++k) {
      const std::size_t code = codes[rows[k]];
      visit(rows[k], code, doubled[code ^ 1]);
    }
    for (std::size_t k = first; k < end; ++k) doubled[codes[rows[k]]] += 1;
    first = end;
  }
}

/// n sum(ab) - sum(a) sum(b), over n: the sum of (a - mean a)(b - mean b) from whole sums. Only the
/// last steps round; a cancellation is exact.
double Deviations(std::uint64_t count, WideSum sum_of_products, WideSum sum_a, WideSum sum_b);

}  // namespace audit
