#pragma once

#include <cstddef>
#include <span>

#include "filter/frequency-filter.h"

namespace audit {

/// Per image: its mean, its standard deviation (over n), and the share of its pixels in each of
/// `bins` equal parts of [low, high], the last closed at `high`; pixels outside and NaN belong to
/// none. `features` holds count x (2 + bins). Throws BAD_IMAGE_SHAPE, TOO_LARGE, BAD_PARAMETER (no
/// bins, more than 65536, low not below high, either not finite), BAD_BUFFER_LENGTH.
void PixelFeatures(std::span<const float> images, const ImageShape& shape, std::size_t bins,
                   float low, float high, std::span<float> features, int threads);

}  // namespace audit
