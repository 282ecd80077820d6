#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "filter/frequency-filter.h"
#include "isa/instruction-set.h"
#include "pixels/fill.h"

namespace audit {

// The steps of a chain. Each works on one image at a time; numbers are in the units of the pixels
// at that point.

/// pixel * scale + offset.
struct ScaleStep {
  float scale, offset;
};
/// Into [low, high].
struct ClipStep {
  float low, high;
};
/// Adds normal noise; a pixel's share depends on (seed, image number, pixel) alone.
struct NoiseStep {
  float deviation;
  std::uint64_t seed;
};
/// Gaussian blur, deviation in pixels.
struct BlurStep {
  double deviation;
};
/// Bilinear resize.
struct ResizeStep {
  std::size_t rows, cols;
  bool antialias;
};
/// Mean 0 and standard deviation 1 (over n) per image; a constant image becomes 0.
struct StandardiseStep {};
/// Cuts out a rectangle.
struct CropStep {
  Patch patch;
};
/// Fills a rectangle, or all but it.
struct PatchStep {
  Patch patch;
  bool outside;
  Fill fill;
};
/// Fills any of several rectangles, or all but them.
struct PatchesStep {
  std::vector<Patch> patches;
  bool outside;
  Fill fill;
};
/// The same with a rectangle of this size at a place drawn per image.
struct RandomPatchStep {
  std::size_t rows, cols;
  bool outside;
  Fill fill;
  std::uint64_t seed;
};
/// Fills where the bitmap is set, or where it is not. One bitmap for all images, or one each.
struct BitmapStep {
  std::span<const std::uint8_t> bitmap;
  bool outside;
  Fill fill;
};
/// Copies the grey image into planes, each scaled and shifted. Only as the last step.
struct PlanesStep {
  std::vector<ScaleStep> planes;
};

/// Most rectangles of one step.
inline constexpr std::size_t kMostPatches = 256;

using PixelStep =
    std::variant<ScaleStep, ClipStep, NoiseStep, BlurStep, ResizeStep, StandardiseStep, CropStep,
                 PatchStep, PatchesStep, RandomPatchStep, BitmapStep, PlanesStep>;

/// Pixels as they come: bytes, 16-bit words or floats.
using PixelSource = std::variant<std::span<const std::uint8_t>, std::span<const std::uint16_t>,
                                 std::span<const float>>;

/// Runs the steps over every image of a batch, all in one go per image, so that it stays in the
/// cache. `output` holds count x planes x rows x cols of what the last step leaves; it may be a
/// float source itself when that is as long, and no image changes its size on the way. A chain that
/// only puts values in place of pixels goes over its floats once, past the caches. NaN and infinity
/// follow IEEE 754 through every step. `image_numbers`, when not empty, names each image
/// for chance; otherwise they are numbered 0, 1, ... The result does not depend on `threads`.
/// Throws BAD_IMAGE_SHAPE, TOO_LARGE, BAD_PARAMETER, BAD_BUFFER_LENGTH.
void RunPixelChain(const PixelSource& source, const ImageShape& shape,
                   std::span<const PixelStep> steps, std::span<const std::uint32_t> image_numbers,
                   std::span<float> output, int threads,
                   InstructionSet instructions = BestInstructionSet());

}  // namespace audit
