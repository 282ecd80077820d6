// Any size, any radii, any pixels: no crash, no undefined behaviour, no pixel that is not finite
// from finite ones.

#include <cmath>
#include <cstdlib>
#include <vector>

#include "bytes.h"
#include "core/kernel-error.h"
#include "filter/frequency-filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const auto sets = audit::RunnableInstructionSets();
  const auto set = sets[bytes.Between(0, sets.size() - 1)];
  const audit::ImageShape shape{bytes.Between(0, 3), bytes.Between(0, 40), bytes.Between(0, 40)};
  std::vector<audit::FrequencyFilter> filters(bytes.Between(0, 3));
  for (auto& filter : filters) {
    filter.kind = static_cast<audit::FilterKind>(bytes.Between(0, 3));
    const bool wild = bytes.Between(0, 7) == 0;
    filter.inner = wild ? bytes.Take<double>() : static_cast<double>(bytes.Between(0, 200)) / 4;
    filter.outer = wild ? bytes.Take<double>() : static_cast<double>(bytes.Between(0, 200)) / 4;
  }
  std::vector<float> images(shape.count * shape.rows * shape.cols);
  bool finite = true;
  for (float& pixel : images) {
    pixel = bytes.empty() ? 1.0f : bytes.Take<float>();
    finite = finite && std::isfinite(pixel);
  }
  std::vector<float> output(images.size() * filters.size());
  try {
    audit::FilterFrequencies(images, shape, filters, output, 1, set);
    if (filters.size() == 1) {
      audit::FilterFrequencies(images, shape, filters, images, 1, set);
    }
  } catch (const audit::KernelError&) {
    return 0;
  }
  for (const float pixel : output) {
    if (finite && std::isnan(pixel)) std::abort();
  }
  return 0;
}
