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

/// How the pixels of an output are stored: at any address, or past the caches at aligned ones.
struct ToCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { Store(to, value); }
};
struct PastCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { StoreStreaming(to, value); }
};

struct PixelWriter {
  PixelColumn image[2];
  float* to[2];
  std::ptrdiff_t stride[2];
  Vector gain[2], offset[2];
  Vector direct;
  template <class Destination>
  AUDIT_INLINE void Write(int y, Complex value) const {
    Destination::Put(to[0] + y * stride[0], value.re * gain[0] + offset[0]);
    Destination::Put(to[1] + y * stride[1], value.im * gain[1] + offset[1]);
  }
  template <class Destination>
  AUDIT_INLINE void WriteWithDirect(int y, Complex value) const {
    const Vector first = Load(image[0].data + y * image[0].stride) * direct + offset[0];
    const Vector second = Load(image[1].data + y * image[1].stride) * direct + offset[1];
    Destination::Put(to[0] + y * stride[0], value.re * gain[0] + first);
    Destination::Put(to[1] + y * stride[1], value.im * gain[1] + second);
  }
};

/// Writes one line of points to the only output, which needs no pixels.
template <class Destination>
struct OneWriter {
  PixelWriter writer;
  AUDIT_INLINE void operator()(int y, Complex value) const {
    writer.template Write<Destination>(y, value);
  }
};

/// Writes one line of points to every output.
template <class Destination>
struct ManyWriters {
  int count;
  const PixelWriter* writers;
  AUDIT_INLINE void operator()(int y, Complex value) const {
    for (int i = 0; i < count; ++i) writers[i].template WriteWithDirect<Destination>(y, value);
  }
};

}  // namespace
}  // namespace audit
