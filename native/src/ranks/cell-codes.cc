#include "ranks/cell-codes.h"

namespace audit {

void RequireTruth(const Truth& truth, std::size_t rows) {
  if (truth.stratum_count < 1) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected at least one stratum; pass 1 for the whole set");
  }
  if (truth.stratum_count > kMaxStrata) {
    throw KernelError(ErrorCode::kTooLarge,
                      "Expected at most " + std::to_string(kMaxStrata) + " strata, got " +
                          std::to_string(truth.stratum_count) + "; split the set");
  }
  const auto fits = [&](std::size_t length) { return length == rows; };
  const bool strata_fit = (truth.strata32.empty() || fits(truth.strata32.size())) &&
                          (truth.strata16.empty() || fits(truth.strata16.size()));
  if (!fits(truth.labels.size()) || !strata_fit) {
    throw KernelError(
        ErrorCode::kBadBufferLength,
        "Expected " + std::to_string(rows) + " labels and strata, one per score; align them first");
  }
}

}  // namespace audit
