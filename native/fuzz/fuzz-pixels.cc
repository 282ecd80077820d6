// Any numbers as steps, read as the addon reads them, over any small batch.

#include <algorithm>
#include <vector>

#include "addon/pixel-steps.h"
#include "bytes.h"
#include "core/kernel-error.h"
#include "pixels/features.h"

namespace {

constexpr std::size_t kParameters[] = {2, 2, 2, 1, 3, 0, 4, 8, 7, 5, 5};

double SmallNumber(Bytes& bytes) {
  switch (bytes.Between(0, 9)) {
    case 0:
      return bytes.Take<double>();
    case 1:
      return bytes.Take<float>();
    default:
      return static_cast<double>(bytes.Between(0, 24));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const auto sets = audit::RunnableInstructionSets();
  const auto set = sets[bytes.Between(0, sets.size() - 1)];
  const audit::ImageShape shape{bytes.Between(0, 3), bytes.Between(0, 24), bytes.Between(0, 24)};
  const std::size_t pixels = shape.count * shape.rows * shape.cols;
  const std::vector<std::uint8_t> bitmap(bytes.Between(0, 1) ? pixels : shape.rows * shape.cols, 1);
  const std::span<const std::uint8_t> bitmaps[] = {bitmap};
  std::vector<double> numbers;
  const std::size_t count = bytes.Between(0, 4);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t kind = bytes.Between(0, 11);
    numbers.push_back(static_cast<double>(kind));
    const std::size_t parameters = kind < 11 ? kParameters[kind] : 1;
    for (std::size_t k = 0; k < parameters; ++k) numbers.push_back(SmallNumber(bytes));
  }
  const std::size_t source_kind = bytes.Between(0, 2);
  const std::size_t planes = bytes.Between(1, 3), rows = bytes.Between(0, 24),
                    cols = bytes.Between(0, 24);
  // Usually the size that a chain without a resize leaves, sometimes any other.
  const bool same = bytes.Between(0, 3) != 0;
  std::vector<float> output(same ? pixels : shape.count * planes * rows * cols);
  const std::vector<std::uint8_t> small(pixels, 3);
  const std::vector<std::uint16_t> wide(pixels, 300);
  std::vector<float> floats(pixels);
  for (float& pixel : floats) pixel = bytes.empty() ? 0.5f : bytes.Take<float>();
  try {
    // Sides that the fuzzer makes large cost time and memory, not safety.
    for (const double number : numbers) {
      if (number > 4096 && number < 1e9) return 0;
    }
    const auto steps = audit::ReadPixelSteps(numbers, bitmaps);
    const audit::PixelSource source = source_kind == 0 ? audit::PixelSource(std::span(small))
                                      : source_kind == 1
                                          ? audit::PixelSource(std::span(wide))
                                          : audit::PixelSource(std::span<const float>(floats));
    audit::RunPixelChain(source, shape, steps, {}, output, 1, set);
    if (source_kind == 2) audit::RunPixelChain(source, shape, steps, {}, floats, 1, set);
  } catch (const audit::KernelError&) {
  }
  try {
    std::vector<float> features(shape.count * 10);
    audit::PixelFeatures(floats, shape, 8, bytes.Take<float>(), bytes.Take<float>(), features, 1);
  } catch (const audit::KernelError&) {
  }
  return 0;
}
