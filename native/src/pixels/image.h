#pragma once

#include <cstddef>
#include <cstdint>

#include "isa/pixel-rows.h"

namespace audit {

/// One image, row by row without gaps.
struct Image {
  float* pixels;
  std::size_t rows;
  std::size_t cols;
  std::size_t size() const { return rows * cols; }
};

/// Names a stream of noise: the same seed and image number give the same numbers wherever the image
/// stands in a batch, on any thread and any machine.
struct NoiseStream {
  std::uint64_t seed;
  std::uint32_t image;
};

}  // namespace audit
