#pragma once

// Columns of pixels on their way into the transform and back.

#include <cstddef>

#include "isa/butterfly.h"

namespace audit {
namespace {

/// A strided view of one column of lanes: pixel (y, lane) at data + y * stride + lane.
struct PixelColumn {
  const float* data;
  std::ptrdiff_t stride;
};

/// Loads one pixel row of both images as complex numbers of the transform's scale.
struct PixelLoader {
  PixelColumn image[2];
  Vector scale[2], offset[2];
  AUDIT_INLINE Complex operator()(int y) const {
    return {Load(image[0].data + y * image[0].stride) * scale[0] + offset[0],
            Load(image[1].data + y * image[1].stride) * scale[1] + offset[1]};
  }
};

}  // namespace
}  // namespace audit
