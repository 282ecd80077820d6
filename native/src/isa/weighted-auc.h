#pragma once

#include <cstddef>
#include <cstdint>

namespace audit {

/// Bootstrap replicates that travel side by side.
inline constexpr int kReplicates = 16;

/// The states of kReplicates random streams side by side: word w of stream s at [w][s].
struct ReplicateStreams {
  std::uint32_t words[4][kReplicates];
};

/// The inner loops of the bootstrap. `weights` holds kReplicates counts per patient.
struct WeightedAuc {
  /// Draws patient_count patients with replacement in every stream (xoshiro128**, Blackman & Vigna
  /// 2021, doi:10.1145/3460772; fair below a bound by Lemire 2019, doi:10.1145/3230636) and counts
  /// them in `weights`, which is overwritten. Streams go on where they stand.
  void (*draw)(ReplicateStreams* streams, std::uint32_t patient_count, std::uint16_t* weights);
  /// Rows [first, end) of one cell, ascending by score: `flags` say positive (1) and tied with the
  /// next row (2). Writes kReplicates AUCs, NaN where a class has no weight. Sums are halves of
  /// whole numbers, exact in a double below 2^52.
  void (*measure)(const std::uint32_t* patients, const std::uint8_t* flags, std::size_t first,
                  std::size_t end, const std::uint16_t* weights, double* aucs);
};

}  // namespace audit
