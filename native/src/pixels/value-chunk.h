#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pixels/fill.h"

namespace audit {

/// Pixels that a chain of mere values works on at a time unless all are alike: few, so that memory
/// never rests for long.
inline constexpr std::size_t kChunk = 1024;

/// Floats of a cache line.
inline constexpr std::size_t kLine = 16;

/// Pixels [first, end) of the image at `from` on their way through a chain of values: untouched,
/// all one value, or, once both meet, in `pixels`.
struct ValueChunk {
  const float* from;
  float* pixels;
  std::size_t first, end;
  enum { kUntouched, kOneValue, kMixed } state = kUntouched;
  float value = 0;

  void Fill(std::span<const PixelRun> runs, float with) {
    auto run = std::ranges::upper_bound(runs, first, {}, &PixelRun::end);
    if (run == runs.end() || run->first >= end) return;
    if (run->first <= first && run->end >= end) {
      state = kOneValue;
      value = with;
      return;
    }
    // Pixels that are replaced need not be read.
    const bool untouched = state == kUntouched;
    if (!untouched) Mix();
    state = kMixed;
    std::size_t at = first;
    for (; run != runs.end() && run->first < end; ++run) {
      const std::size_t begin = std::max(run->first, first);
      if (untouched) std::copy(from + at, from + begin, pixels + (at - first));
      at = std::min(run->end, end);
      std::fill(pixels + (begin - first), pixels + (at - first), with);
    }
    if (untouched) std::copy(from + at, from + end, pixels + (at - first));
  }
  void Fill(std::span<const std::uint8_t> bitmap, bool outside, float with) {
    Mix();
    for (std::size_t i = first; i < end; ++i) {
      float& pixel = pixels[i - first];
      pixel = (bitmap[i] != 0) != outside ? with : pixel;
    }
  }
  void StreamTo(const PixelRows& code, float* to) const {
    const std::size_t count = end - first;
    if (state == kOneValue) return code.stream_value(value, to, count);
    code.stream(state == kMixed ? pixels : from + first, to, count);
  }

 private:
  void Mix() {
    if (state == kUntouched) std::copy(from + first, from + end, pixels);
    if (state == kOneValue) std::fill(pixels, pixels + (end - first), value);
    state = kMixed;
  }
};

}  // namespace audit
