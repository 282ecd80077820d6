// Compiled once per instruction set; see CMakeLists.txt.

#include "isa/weighted-auc.h"

#include "isa/simd.h"

namespace audit {
namespace {

typedef std::uint16_t Counts __attribute__((vector_size(kReplicates * 2)));
typedef std::int32_t Wide __attribute__((vector_size(kReplicates * 4)));
typedef double Sums __attribute__((vector_size(kReplicates * 8)));

void Measure(const std::uint32_t* patients, const std::uint8_t* flags, std::size_t first,
             std::size_t end, const std::uint16_t* weights, double* aucs) {
  Sums wins = {}, positives = {}, negatives = {};
  const auto weight_of = [&](std::size_t k) __attribute__((always_inline)) {
    Counts counts;
    std::memcpy(&counts, weights + static_cast<std::size_t>(patients[k]) * kReplicates,
                sizeof(counts));
    return __builtin_convertvector(__builtin_convertvector(counts, Wide), Sums);
  };
  for (std::size_t k = first; k < end; ++k) {
    if (flags[k] < 2) {
      const Sums weight = weight_of(k);
      if (flags[k] == 0) {
        negatives += weight;
      } else {
        wins += weight * (negatives + negatives);
        positives += weight;
      }
      continue;
    }
    Sums tied_positives = {}, tied_negatives = {};
    for (;; ++k) {
      if ((flags[k] & 1) != 0) {
        tied_positives += weight_of(k);
      } else {
        tied_negatives += weight_of(k);
      }
      // A tie that would run past the cell ends with it.
      if (flags[k] < 2 || k + 1 == end) break;
    }
    wins += tied_positives * (negatives + negatives + tied_negatives);
    positives += tied_positives;
    negatives += tied_negatives;
  }
  for (int way = 0; way < kReplicates; ++way) {
    const bool none = positives[way] == 0 || negatives[way] == 0;
    aucs[way] = none ? __builtin_nan("") : wins[way] / (2 * positives[way] * negatives[way]);
  }
}

}  // namespace

extern const WeightedAuc AUDIT_NAME(kWeightedAuc);
const WeightedAuc AUDIT_NAME(kWeightedAuc) = {Measure};

}  // namespace audit
