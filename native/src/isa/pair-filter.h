#pragma once

#include <cstddef>
#include <cstdint>

#include "fft/line-plan.h"

namespace audit {

/// Squared distances here are 4 d^2: whole numbers for any parity of the sides.

/// An image's way into the transform and back: pixel * scale + offset has range about 1 around 0.
struct Levels {
  float scale, offset;
  float middle, inverse_scale;
  bool finite;
};

/// One filtered image of each of the pair, made from a ring: gain * (ring's transform) + direct *
/// image + offset, where the offset is what the ring does to the mean brightness, carried apart.
struct RingOutput {
  float direct;
  float gain[2], offset[2];
  float* to[2];
};

/// A set of frequencies lo <= 4 d^2 < lo + span, and the outputs made from it.
struct Ring {
  /// Spectrum rows it needs, in blocks of lanes: [first_block, end_block). Empty: the ring passes
  /// nothing.
  int first_block, end_block;
  /// Per spectrum row: (4 dy^2 - lo) for a frequency and for its mirror image.
  const std::uint32_t* base;
  const std::uint32_t* mirrored_base;
  std::uint32_t span;
  /// Per position of the column plan: offset of the spectrum row to read; that of the zero row when
  /// not needed.
  const std::ptrdiff_t* sources;
  /// Frequencies needed at either end of the last pass's groups: 1, 2, or 0 for all.
  int column_edge, row_edge;
  int output_count;
  const RingOutput* outputs;
};

/// Two images that travel as one complex image, and everything needed to filter them. Plain data.
struct PairJob {
  int rows, cols;
  const float* from[2];
  Levels levels[2];
  LineView column_plan, row_plan;
  /// Spectrum rows start at multiples of row_stride floats; each holds ceil(cols / lanes) points of
  /// a line buffer.
  float* spectrum;
  std::ptrdiff_t row_stride;
  /// The blocks that any ring needs.
  int first_block, end_block;
  /// Per position of the column plan: offset of the spectrum row to write; that of the waste row
  /// when not needed.
  const std::ptrdiff_t* targets;
  int column_edge;
  /// Per position of the row plan: 4 dx^2 of the frequency and of its mirror image.
  const std::uint32_t* across;
  const std::uint32_t* mirrored_across;
  /// False when rows and cols are even: a frequency and its mirror image are then equally far from
  /// the centre.
  bool mirrored;
  float normalisation;
  int ring_count;
  const Ring* rings;
  /// A line buffer, and when there is more than one ring the transformed rows, block by block.
  float* line;
  float* transformed;
  /// Room for one column of lanes of both images.
  float* edge;
  /// Columns on their way out: kGroupPixels / lanes line buffers of staged_stride floats.
  float* staged;
  std::ptrdiff_t staged_stride;
};

/// Neighbouring pixels of a row that are stored together.
inline constexpr int kGroupPixels = 64;

/// Floats of a line buffer beyond its points: an image is turned by less than this many columns.
inline constexpr int kMostTurned = 16;

/// The vector code of one instruction set.
struct PairFilterCode {
  int lanes;
  Levels (*find_levels)(const float* pixels, std::size_t count);
  void (*filter_pair)(const PairJob& job);
};

}  // namespace audit
