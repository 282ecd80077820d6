#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pixels/chain.h"

namespace audit {

/// Steps from the numbers of pixel-steps.ts: an operation's number, then its parameters. Throws
/// BAD_PARAMETER for anything it cannot have written.
std::vector<PixelStep> ReadPixelSteps(std::span<const double> numbers,
                                      std::span<const std::span<const std::uint8_t>> bitmaps);

}  // namespace audit
