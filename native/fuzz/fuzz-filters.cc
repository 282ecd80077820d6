// Any size, any radii, any pixels, anywhere in memory: no crash, no undefined behaviour, no pixel
// that is not finite from finite ones, and the same answer from every instruction set.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

#include "bytes.h"
#include "core/kernel-error.h"
#include "fence.h"
#include "filter/frequency-filter.h"

namespace {

using audit::FrequencyFilter;
using audit::ImageShape;

ImageShape TakeShape(Bytes& bytes) {
  // Three images make a pair and a single one; most are small, for there to be many.
  const std::size_t most = bytes.OneIn(4) ? 40 : 20;
  ImageShape shape{bytes.Between(0, 3), bytes.Between(0, most), bytes.Between(0, most)};
  // Now and then a long line, thin enough to stay cheap.
  if (bytes.OneIn(32)) {
    shape.rows = bytes.Between(1, 600);
    shape.cols = bytes.Between(1, 6);
    if (bytes.OneIn(2)) std::swap(shape.rows, shape.cols);
  }
  return shape;
}

FrequencyFilter TakeFilter(Bytes& bytes) {
  const auto kind = static_cast<audit::FilterKind>(bytes.Between(0, 3));
  const auto radius = [&] {
    return bytes.OneIn(16) ? bytes.Take<double>() : static_cast<double>(bytes.Between(0, 200)) / 4;
  };
  const double inner = radius();
  return {kind, inner, bytes.OneIn(8) ? radius() : inner + radius()};
}

void TakePixels(Bytes& bytes, std::span<float> images) {
  constexpr float scales[] = {1, 255, 1e-3f, 1e6f, 1e30f, 3e-39f};
  constexpr float offsets[] = {0, 0, 0, 100, -1e6f, 1e30f};
  const float scale = scales[bytes.Between(0, 5)], offset = offsets[bytes.Between(0, 5)];
  Noise noise(bytes.Take<std::uint8_t>());
  for (float& pixel : images) pixel = noise.Uniform() * scale + offset;
  for (std::size_t wild = bytes.OneIn(4) ? bytes.Between(1, 8) : 0; wild > 0 && !images.empty();
       --wild) {
    images[bytes.Between(0, images.size() - 1)] = bytes.Take<float>();
  }
}

/// How far two instruction sets may be apart on an image: each is within 1e-5 of its range of the
/// truth, and rounds to a float of its brightness.
double AllowedApart(std::span<const float> image) {
  const auto [least, most] = std::ranges::minmax(image);
  const double brightest = std::max(std::abs(double{least}), std::abs(double{most}));
  return 2e-5 * (double{most} - double{least}) + brightest * 0x1p-22 + 4e-45;
}

bool IsFinite(std::span<const float> image) {
  return std::ranges::all_of(image, [](float pixel) { return std::isfinite(pixel); });
}

void CheckImage(std::span<const float> image, std::span<const float> got,
                std::span<const float> expected) {
  const bool finite = IsFinite(image);
  const double allowed = finite ? AllowedApart(image) : 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) == finite || std::isnan(expected[i]) == finite) std::abort();
    // Results beyond the largest float may be infinite on one side only.
    if (!finite || allowed > 1e33) continue;
    if (std::abs(double{got[i]} - double{expected[i]}) <= allowed) continue;
    std::fprintf(stderr, "pixel %zu: %g, portable %g, allowed apart %g\n", i, double{got[i]},
                 double{expected[i]}, allowed);
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fence<float> from, to;
  Bytes bytes(data, size);
  const auto sets = audit::RunnableInstructionSets();
  const auto set = sets[bytes.Between(0, sets.size() - 1)];
  const ImageShape shape = TakeShape(bytes);
  std::vector<FrequencyFilter> filters(bytes.OneIn(8) ? bytes.Between(0, 12) : bytes.Between(1, 2));
  std::ranges::generate(filters, [&] { return TakeFilter(bytes); });
  const std::size_t image_size = shape.rows * shape.cols, pixels = shape.count * image_size;
  const auto images = from.Lay(pixels, bytes.Between(0, Fence<float>::kSpots - 1));
  const auto output = to.Lay(pixels * filters.size(), bytes.Between(0, Fence<float>::kSpots - 1));
  const int threads = bytes.OneIn(64) ? 3 : 1;
  TakePixels(bytes, images);
  std::ranges::fill(output, -1.0f);
  std::vector<float> expected(output.size(), -2.0f);
  try {
    audit::FilterFrequencies(images, shape, filters, output, threads, set);
    audit::FilterFrequencies(images, shape, filters, expected, 1, sets.front());
  } catch (const audit::KernelError&) {
    return 0;
  }
  for (std::size_t at = 0; at < output.size(); at += image_size) {
    CheckImage(images.subspan(at % pixels, image_size), output.subspan(at, image_size),
               std::span(expected).subspan(at, image_size));
  }
  if (filters.size() == 1) {
    audit::FilterFrequencies(images, shape, filters, images, 1, set);
    // Where the result goes does not show in it, but for the last step of a denormal: there alone
    // scaling rounds, and a product may be summed before or after. A NaN is equal to none.
    const auto same = [](float a, float b) {
      return a == b || std::abs(a - b) < 0x1p-148f || (std::isnan(a) && std::isnan(b));
    };
    if (!std::ranges::equal(images, output, same)) std::abort();
  }
  from.Check();
  to.Check();
  return 0;
}
