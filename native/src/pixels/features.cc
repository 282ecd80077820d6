#include "pixels/features.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/kernel-error.h"
#include "core/parallel.h"
#include "pixels/fill.h"

namespace audit {

using std::size_t;

void PixelFeatures(std::span<const float> images, const ImageShape& shape, size_t bins, float low,
                   float high, std::span<float> features, int threads) {
  const size_t pixels = PixelsOf(shape);
  if (bins < 1 || bins > 65536 || !(low < high) || !std::isfinite(low) || !std::isfinite(high)) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected 1 to 65536 bins and a finite range that is not empty");
  }
  const size_t width = bins + 2;
  if (images.size() != pixels || features.size() != shape.count * width) {
    throw KernelError(ErrorCode::kBadBufferLength,
                      "Expected the pixels of the shape and 2 + bins features an image");
  }
  const size_t size = shape.rows * shape.cols;
  const double scale =
      static_cast<double>(bins) / (static_cast<double>(high) - static_cast<double>(low));
  ParallelFor(shape.count, threads, [&](int, size_t index) {
    const float* image = images.data() + index * size;
    float* to = features.data() + index * width;
    // The kernel only reads; Image has no constant form.
    const auto [mean, deviation] = MomentsOf({const_cast<float*>(image), shape.rows, shape.cols});
    to[0] = static_cast<float>(mean);
    to[1] = static_cast<float>(deviation);
    std::vector<size_t> counts(bins);
    for (size_t i = 0; i < size; ++i) {
      if (!(image[i] >= low && image[i] <= high)) continue;
      const double place = (static_cast<double>(image[i]) - static_cast<double>(low)) * scale;
      counts[std::min(static_cast<size_t>(place), bins - 1)] += 1;
    }
    for (size_t bin = 0; bin < bins; ++bin) {
      to[2 + bin] =
          static_cast<float>(static_cast<double>(counts[bin]) / static_cast<double>(size));
    }
  });
}

}  // namespace audit
