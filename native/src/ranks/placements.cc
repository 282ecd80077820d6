#include "ranks/placements.h"

namespace audit {

double Deviations(std::uint64_t count, WideSum sum_of_products, WideSum sum_a, WideSum sum_b) {
  if (count == 0) return 0;
  // n sum(ab) - sum(a) sum(b): both are at most (2 p n)^2, below 2^128 for 4e9 rows.
  const WideSum scaled = sum_of_products * count, whole = sum_a * sum_b;
  const bool negative = scaled < whole;
  const WideSum difference = negative ? whole - scaled : scaled - whole;
  const double size = static_cast<double>(difference) / static_cast<double>(count);
  return negative ? -size : size;
}

}  // namespace audit
