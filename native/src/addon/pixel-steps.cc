#include "addon/pixel-steps.h"

#include <cmath>

#include "core/kernel-error.h"

namespace audit {
namespace {

/// Takes numbers off the front, each checked for what it must be.
class Reader {
 public:
  explicit Reader(std::span<const double> numbers) : numbers_(numbers) {}
  bool empty() const { return numbers_.empty(); }
  double Number() {
    if (numbers_.empty()) Refuse();
    const double number = numbers_.front();
    numbers_ = numbers_.subspan(1);
    return number;
  }
  float Float() {
    const double number = Number();
    // A number beyond float's range would be undefined to convert.
    if (std::abs(number) > 3.4e38 && !std::isinf(number)) Refuse();
    return static_cast<float>(number);
  }
  std::uint64_t Count() {
    const double number = Number();
    if (!(number >= 0 && number < 9007199254740992.0) || number != std::floor(number)) Refuse();
    return static_cast<std::uint64_t>(number);
  }
  bool Flag() { return Count() != 0; }
  Patch Rectangle() {
    const auto row = Count(), col = Count(), rows = Count();
    return {row, col, rows, Count()};
  }
  audit::Fill Fill() {
    constexpr audit::Fill::Kind kinds[] = {audit::Fill::Kind::kValue, audit::Fill::Kind::kMean,
                                           audit::Fill::Kind::kNoise};
    const auto kind = Count();
    if (kind > 2) Refuse();
    const float value = Float();
    return {kinds[kind], value, Count()};
  }
  [[noreturn]] static void Refuse() {
    throw KernelError(
        ErrorCode::kBadParameter,
        "Expected steps as they are encoded, got other numbers; call through native/index.ts");
  }

 private:
  std::span<const double> numbers_;
};

PixelStep ReadStep(Reader& read, std::span<const std::span<const std::uint8_t>> bitmaps) {
  // The order of evaluation inside braces is left to right.
  switch (read.Count()) {
    case 0:
      return ScaleStep{read.Float(), read.Float()};
    case 1:
      return ClipStep{read.Float(), read.Float()};
    case 2:
      return NoiseStep{read.Float(), read.Count()};
    case 3:
      return BlurStep{read.Number()};
    case 4:
      return ResizeStep{read.Count(), read.Count(), read.Flag()};
    case 5:
      return StandardiseStep{};
    case 6:
      return CropStep{read.Rectangle()};
    case 7:
      return PatchStep{read.Rectangle(), read.Flag(), read.Fill()};
    case 8:
      return RandomPatchStep{read.Count(), read.Count(), read.Flag(), read.Fill(), read.Count()};
    case 9: {
      const auto bitmap = read.Count();
      if (bitmap >= bitmaps.size()) Reader::Refuse();
      return BitmapStep{bitmaps[bitmap], read.Flag(), read.Fill()};
    }
    case 10: {
      PlanesStep planes;
      const auto count = read.Count();
      if (count > 16) Reader::Refuse();
      for (std::uint64_t i = 0; i < count; ++i)
        planes.planes.push_back(ScaleStep{read.Float(), read.Float()});
      return planes;
    }
    case 11: {
      PatchesStep patches;
      const auto count = read.Count();
      if (count > kMostPatches) Reader::Refuse();
      for (std::uint64_t i = 0; i < count; ++i) patches.patches.push_back(read.Rectangle());
      patches.outside = read.Flag();
      patches.fill = read.Fill();
      return patches;
    }
    default:
      Reader::Refuse();
  }
}

}  // namespace

std::vector<PixelStep> ReadPixelSteps(std::span<const double> numbers,
                                      std::span<const std::span<const std::uint8_t>> bitmaps) {
  std::vector<PixelStep> steps;
  Reader read(numbers);
  while (!read.empty()) steps.push_back(ReadStep(read, bitmaps));
  return steps;
}

}  // namespace audit
