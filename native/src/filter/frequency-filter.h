#pragma once

#include <cstddef>
#include <span>

#include "isa/instruction-set.h"

namespace audit {

/// Which frequencies of a rows x cols image pass. In shifted coordinates the centre is (rows/2,
/// cols/2), real division; d is the distance of a bin from it.
enum class FilterKind {
  kLow,    // d < outer
  kHigh,   // the rest of kLow
  kBand,   // inner <= d < outer
  kNotch,  // the rest of kBand
};

struct FrequencyFilter {
  FilterKind kind;
  /// Used by kBand and kNotch; 0 <= inner <= outer.
  double inner;
  double outer;
};

/// count images of rows x cols pixels, one after the other, row by row.
struct ImageShape {
  std::size_t count;
  std::size_t rows;
  std::size_t cols;
};

/// Longest side of an image.
inline constexpr std::size_t kMaxSide = 32768;

/// Pixels in `shape`. Throws BAD_IMAGE_SHAPE when a side is 0 or above kMaxSide, TOO_LARGE when the
/// product wraps.
std::size_t PixelsOf(const ImageShape& shape);

/// Applies every filter to every image: the real part of ifft2(ifftshift(mask *
/// fftshift(fft2(image)))).
///
/// `output` holds, filter by filter, a batch of the shape of `images`; with one filter it may be
/// `images` itself, otherwise they must not overlap. Linear in the pixels, O(log side) a pixel;
/// filters of the same images share the forward transform, and rows of frequencies that no filter
/// wants are never computed. Error below 1e-5 of the image's range against double precision,
/// whatever its brightness. An image with a NaN or infinite pixel becomes all NaN; its neighbours
/// are not touched by it. The result does not depend on `threads`, nor on the neighbours beyond
/// rounding. Throws BAD_IMAGE_SHAPE, TOO_LARGE, BAD_PARAMETER (no filter, a radius that is negative
/// or NaN, inner > outer), BAD_BUFFER_LENGTH.
void FilterFrequencies(std::span<const float> images, const ImageShape& shape,
                       std::span<const FrequencyFilter> filters, std::span<float> output,
                       int threads, InstructionSet instructions = BestInstructionSet());

}  // namespace audit
