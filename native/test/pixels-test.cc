// What the pixel kernels refuse for the sake of memory, which no caller in TypeScript can reach.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "check.h"
#include "core/kernel-error.h"
#include "pixels/chain.h"
#include "pixels/features.h"

namespace {

using audit::ErrorCode;

template <class Call>
std::optional<ErrorCode> CodeOf(Call call) {
  try {
    call();
  } catch (const audit::KernelError& error) {
    return error.code();
  }
  return std::nullopt;
}

/// 2^30 images of one pixel, each to become 2^34 floats: 2^64 of them, which is 0.
void CheckSizesThatWrap() {
  const audit::PlanesStep planes{std::vector<audit::ScaleStep>(16, {1, 0})};
  const audit::PixelStep steps[] = {audit::ResizeStep{32768, 32768, false}, planes};
  const std::size_t count = std::size_t{1} << 30;
  std::uint8_t pixel = 0;
  // Never read: only its length is looked at before it is refused.
  const std::span<const std::uint8_t> pixels(&pixel, count);
  CHECK(CodeOf([&] {
          audit::RunPixelChain(pixels, {count, 1, 1}, steps, {}, {}, 1);
        }) == ErrorCode::kBadBufferLength);
}

void CheckRanges() {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{0, 1, infinity};
  std::vector<float> features(2 + 4);
  const auto of = [&](float low, float high) {
    return CodeOf([&] { audit::PixelFeatures(pixels, {1, 1, 3}, 4, low, high, features, 1); });
  };
  CHECK(of(0, 1) == std::nullopt);
  CHECK(of(-infinity, 1) == ErrorCode::kBadParameter);
  CHECK(of(0, infinity) == ErrorCode::kBadParameter);
  CHECK(of(0, std::numeric_limits<float>::quiet_NaN()) == ErrorCode::kBadParameter);
  CHECK(of(1, 1) == ErrorCode::kBadParameter);
}

/// Noise is the same on every machine: the sum of its bits, whatever the instruction set and
/// processor.
void CheckNoise() {
  for (const auto instructions : audit::RunnableInstructionSets()) {
    std::vector<float> pixels(2 * 31 * 33);
    const audit::PixelStep steps[] = {audit::NoiseStep{1.5f, 0x123456789abcdef}};
    audit::RunPixelChain(std::span<const float>(pixels), {2, 31, 33}, steps, {}, pixels, 1,
                         instructions);
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const float pixel : pixels) {
      hash = (hash ^ std::bit_cast<std::uint32_t>(pixel)) * 0x100000001b3u;
    }
    CHECK(hash == 0x88be84bee2ac8ca1u);
  }
}

}  // namespace

int main() {
  CheckNoise();
  CheckSizesThatWrap();
  CheckRanges();
}
