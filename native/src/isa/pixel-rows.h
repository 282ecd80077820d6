#pragma once

#include <cstddef>
#include <cstdint>

namespace audit {

/// Inputs first .. first + count - 1 of a weighted sum, and where its weights begin.
struct TapRange {
  std::size_t first, count, at;
};

/// Rows that any instruction set takes at once.
inline constexpr std::size_t kMostRows = 16;

/// Loops over rows of pixels, compiled once per instruction set; NaN and infinity follow IEEE 754
/// through all of them.
struct PixelRows {
  void (*from_bytes)(const std::uint8_t* from, float* to, std::size_t count);
  void (*from_words)(const std::uint16_t* from, float* to, std::size_t count);
  /// Copies, or one value, past the caches, for memory that nobody reads soon; finish_stream before
  /// anyone may.
  void (*stream)(const float* from, float* to, std::size_t count);
  void (*stream_value)(float value, float* to, std::size_t count);
  void (*finish_stream)();
  /// to = from * scale + offset; may be in place.
  void (*scale)(const float* from, float* to, std::size_t count, float scale, float offset);
  /// Into [low, high]; NaN stays.
  void (*clip)(float* pixels, std::size_t count, float low, float high);
  /// to += from * weight.
  void (*add_weighted)(const float* from, float* to, std::size_t count, float weight);
  /// to = the sum over k of rows[k] * weights[k]; at least one tap.
  void (*sum_rows)(const float* const* rows, const float* weights, std::size_t taps, float* to,
                   std::size_t count);
  /// to = rows[radius] * weights[0], and the sum over k >= 1 of (rows[radius - k] + rows[radius +
  /// k]) * weights[k].
  void (*sum_mirrored)(const float* const* rows, const float* weights, std::size_t radius,
                       float* to, std::size_t count);
  /// Of each of `count` rows: outputs[x] says which of its columns make output x, and where their
  /// weights are. `room` holds kMostRows * (cols + kMostRows) floats.
  void (*sum_columns)(const float* rows, std::size_t count, std::size_t cols,
                      const TapRange* outputs, const float* weights, std::size_t output_cols,
                      float* to, float* room);
  /// Standard normal numbers `first`, `first + 1`, ... of the stream (key0, key1, image); first is
  /// a multiple of 4.
  void (*normals)(std::uint32_t key0, std::uint32_t key1, std::uint32_t image, std::size_t first,
                  float* to, std::size_t count);
};

}  // namespace audit
