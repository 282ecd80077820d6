#pragma once

#include <cstddef>
#include <cstdint>

namespace audit {

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
  /// to = from * weight, then to += from * weight, and to += (one + other) * weight.
  void (*set_weighted)(const float* from, float* to, std::size_t count, float weight);
  void (*add_weighted)(const float* from, float* to, std::size_t count, float weight);
  void (*add_pair)(const float* one, const float* other, float* to, std::size_t count,
                   float weight);
  /// Standard normal numbers `first`, `first + 1`, ... of the stream (key0, key1, image); first is
  /// a multiple of 4.
  void (*normals)(std::uint32_t key0, std::uint32_t key1, std::uint32_t image, std::size_t first,
                  float* to, std::size_t count);
};

}  // namespace audit
