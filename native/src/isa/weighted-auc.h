#pragma once

#include <cstddef>
#include <cstdint>

namespace audit {

/// Bootstrap replicates that travel side by side.
inline constexpr int kReplicates = 16;

/// Rows [first, end) of one cell, ascending by score: `flags` say positive (1) and tied with the
/// next row (2), and `weights` holds kReplicates counts per patient. Writes kReplicates AUCs, NaN
/// where a class has no weight. Sums are whole numbers, exact in a double below 2^53.
struct WeightedAuc {
  void (*measure)(const std::uint32_t* patients, const std::uint8_t* flags, std::size_t first,
                  std::size_t end, const std::uint16_t* weights, double* aucs);
};

}  // namespace audit
