#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pixels/image.h"

namespace audit {

/// A rectangle inside an image.
struct Patch {
  std::size_t row, col, rows, cols;
};

/// What replaces pixels.
struct Fill {
  enum class Kind {
    kValue,  // `value`
    kMean,   // the mean of the image before anything is replaced
    kNoise,  // normal noise of the image's own mean and standard deviation, from the stream
  };
  Kind kind;
  float value;
  std::uint64_t seed;
};

/// Mean and standard deviation (over n) of an image, in double precision.
struct Moments {
  double mean, deviation;
};
Moments MomentsOf(const Image& image);

/// Pixels of an image by their number, row by row: [first, end).
struct PixelRun {
  std::size_t first, end;
};

/// The pixels of a rows x cols image that lie in any of the patches, or with `outside` in none, as
/// runs that ascend and do not touch, into `runs`. Every patch lies inside the image.
void FindRuns(std::span<const Patch> patches, bool outside, std::size_t rows, std::size_t cols,
              std::vector<PixelRun>& runs);

/// Replaces the pixels of the runs in place. Reads only what the fill needs: kValue touches the
/// replaced pixels alone.
void FillRuns(const PixelRows& code, Image image, std::span<const PixelRun> runs, const Fill& fill,
              std::uint32_t image_number);

/// Replaces the pixels where the bitmap is not 0, or with `outside` where it is 0, in place. The
/// bitmap has an entry per pixel.
void FillBitmap(const PixelRows& code, Image image, std::span<const std::uint8_t> bitmap,
                bool outside, const Fill& fill, std::uint32_t image_number);

/// A rectangle of rows x cols somewhere in the image, each place equally likely, from (seed, image
/// number).
Patch RandomPatch(const Image& image, std::size_t rows, std::size_t cols, std::uint64_t seed,
                  std::uint32_t image_number);

/// Adds normal noise of this deviation in place.
void AddNoise(const PixelRows& code, Image image, float deviation, NoiseStream stream);

}  // namespace audit
