// Any numbers as steps, read as the addon reads them, over any small batch anywhere in memory: no
// crash, no undefined behaviour, and from every instruction set and in place the same bits.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <variant>
#include <vector>

#include "addon/pixel-steps.h"
#include "bytes.h"
#include "core/kernel-error.h"
#include "fence.h"
#include "pixels/features.h"

namespace {

using audit::ImageShape;
using std::size_t;

/// The parameters of each kind of step, each with the most that is usually worth trying.
const std::vector<std::vector<size_t>> kMost = {
    {24, 24},                                 // scale, offset
    {3, 24},                                  // low, high
    {3, 24},                                  // deviation, seed
    {5},                                      // deviation
    {24, 24, 1},                              // rows, cols, antialias
    {},                                       // standardise
    {7, 7, 7, 7},                             // row, col, rows, cols
    {7, 7, 7, 7, 1, 2, 3, 9},                 // the same, outside, fill
    {7, 7, 1, 2, 3, 9, 9},                    // rows, cols, outside, fill, seed
    {0, 1, 2, 3, 9},                          // bitmap, outside, fill
    {2, 3, 3, 3, 3},                          // planes: how many, scale and offset of each
    {2, 7, 7, 7, 7, 7, 7, 7, 7, 1, 2, 3, 9},  // patches: how many, each; outside, fill
    {9},                                      // no step
};
constexpr size_t kSpots = Fence<float>::kSpots;

double TakeNumber(Bytes& bytes, size_t most) {
  switch (bytes.Between(0, 63)) {
    case 0:
      return bytes.Take<double>();
    case 1:
      return bytes.Take<float>();
    case 2:
      return -1.5;
    case 3:
      return 24;
    default:
      return static_cast<double>(bytes.Between(0, most));
  }
}

std::vector<double> TakeSteps(Bytes& bytes) {
  std::vector<double> numbers;
  for (size_t steps = bytes.Between(0, 4); steps > 0; --steps) {
    const size_t kind = bytes.Between(0, kMost.size() - 1);
    numbers.push_back(static_cast<double>(kind));
    for (const size_t most : kMost[kind]) numbers.push_back(TakeNumber(bytes, most));
  }
  return numbers;
}

/// The pixels that a chain leaves of one image.
size_t LeftBy(std::span<const audit::PixelStep> steps, const ImageShape& shape) {
  size_t size = shape.rows * shape.cols, planes = 1;
  for (const auto& step : steps) {
    if (const auto* resize = std::get_if<audit::ResizeStep>(&step))
      size = resize->rows * resize->cols;
    if (const auto* crop = std::get_if<audit::CropStep>(&step))
      size = crop->patch.rows * crop->patch.cols;
    if (const auto* copies = std::get_if<audit::PlanesStep>(&step)) planes = copies->planes.size();
  }
  return size * planes;
}

bool SameBits(std::span<const float> one, std::span<const float> other) {
  return std::ranges::equal(one, other, [](float a, float b) {
    // Which NaN comes out of an operation is the processor's choice.
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
           (std::isnan(a) && std::isnan(b));
  });
}

void CheckFeatures(Bytes& bytes, std::span<const float> images, const ImageShape& shape) {
  const size_t bins = bytes.Between(0, 9);
  const bool wild = bytes.OneIn(4);
  const float low = wild ? bytes.Take<float>() : -static_cast<float>(bytes.Between(0, 3));
  const float high = wild ? bytes.Take<float>() : static_cast<float>(bytes.Between(0, 300));
  std::vector<float> features(shape.count * (bins + 2), -1.0f);
  audit::PixelFeatures(images, shape, bins, low, high, features, 1);
  for (size_t at = 0; at < features.size(); at += bins + 2) {
    float shares = 0;
    for (size_t bin = 0; bin < bins; ++bin) shares += features[at + 2 + bin];
    if (!(shares >= 0 && shares <= 1.0001f)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  static Fence<float> from, to;
  static Fence<std::uint8_t> from_bytes, marks;
  static Fence<std::uint16_t> from_words;
  Bytes bytes(data, size);
  const auto sets = audit::RunnableInstructionSets();
  const auto set = sets[bytes.Between(0, sets.size() - 1)];
  const ImageShape shape{bytes.Between(0, 3), bytes.Between(0, 24), bytes.Between(0, 24)};
  const size_t pixels = shape.count * shape.rows * shape.cols;
  const auto numbers = TakeSteps(bytes);
  // Sides that the fuzzer makes large cost time and memory, not safety.
  if (std::ranges::any_of(numbers, [](double number) { return number > 64 && number < 1e9; }))
    return 0;
  const auto bitmap =
      marks.Lay(bytes.OneIn(2) ? pixels : shape.rows * shape.cols, bytes.Between(0, kSpots - 1));
  const std::span<const std::uint8_t> bitmaps[] = {bitmap};
  const auto small = from_bytes.Lay(pixels, bytes.Between(0, Fence<std::uint8_t>::kSpots - 1));
  const auto wide = from_words.Lay(pixels, bytes.Between(0, Fence<std::uint16_t>::kSpots - 1));
  const auto floats = from.Lay(pixels, bytes.Between(0, kSpots - 1));
  Noise noise(bytes.Take<std::uint8_t>());
  for (std::uint8_t& mark : bitmap) mark = noise.Next() % 3 == 0;
  for (size_t i = 0; i < pixels; ++i) {
    wide[i] = static_cast<std::uint16_t>(noise.Next());
    small[i] = static_cast<std::uint8_t>(wide[i]);
    floats[i] = noise.Uniform();
  }
  for (size_t wild = bytes.OneIn(4) ? bytes.Between(1, 8) : 0; wild > 0 && pixels > 0; --wild) {
    floats[bytes.Between(0, pixels - 1)] = bytes.Take<float>();
  }
  const size_t source_kind = bytes.Between(0, 2);
  const audit::PixelSource source =
      source_kind == 0   ? audit::PixelSource(std::span<const std::uint8_t>(small))
      : source_kind == 1 ? audit::PixelSource(std::span<const std::uint16_t>(wide))
                         : audit::PixelSource(std::span<const float>(floats));
  std::vector<std::uint32_t> image_numbers(bytes.OneIn(2) ? shape.count : bytes.Between(0, 3));
  for (auto& number : image_numbers) number = bytes.Take<std::uint32_t>();
  try {
    CheckFeatures(bytes, floats, shape);
  } catch (const audit::KernelError&) {
  }
  try {
    const auto steps = audit::ReadPixelSteps(numbers, bitmaps);
    // Usually the size that the chain leaves, sometimes any other.
    const size_t left = bytes.OneIn(8) ? bytes.Between(0, 700) : LeftBy(steps, shape);
    if (left > 20'000) return 0;
    const auto output = to.Lay(shape.count * left, bytes.Between(0, kSpots - 1));
    // Different at first, for a pixel that is never written to show.
    std::ranges::fill(output, -1.0f);
    std::vector<float> expected(output.size(), -2.0f);
    audit::RunPixelChain(source, shape, steps, image_numbers, output, bytes.OneIn(64) ? 3 : 1, set);
    audit::RunPixelChain(source, shape, steps, image_numbers, expected, 1, sets.front());
    if (!SameBits(output, expected)) std::abort();
    to.Check();
    if (source_kind == 2) {
      audit::RunPixelChain(source, shape, steps, image_numbers, floats, 1, set);
      if (!SameBits(floats, expected)) std::abort();
    }
  } catch (const audit::KernelError&) {
  }
  from.Check();
  from_bytes.Check();
  from_words.Check();
  marks.Check();
  return 0;
}
