#include "filter/frequency-filter.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/kernel-error.h"
#include "core/parallel.h"
#include "filter/filter-program.h"
#include "isa/kernel-table.h"

namespace audit {
namespace {

using std::size_t;

void Require(const FrequencyFilter& filter) {
  const bool ring = filter.kind == FilterKind::kBand || filter.kind == FilterKind::kNotch;
  if (!(filter.outer >= 0) || (ring && !(filter.inner >= 0 && filter.inner <= filter.outer))) {
    throw KernelError(
        ErrorCode::kBadParameter,
        "Expected radii of 0 or more, the inner not above the outer; give them in frequency bins");
  }
}

}  // namespace

size_t PixelsOf(const ImageShape& shape) {
  if (shape.rows < 1 || shape.cols < 1 || shape.rows > kMaxSide || shape.cols > kMaxSide) {
    throw KernelError(ErrorCode::kBadImageShape,
                      "Expected sides of 1 to " + std::to_string(kMaxSide) + " pixels, got " +
                          std::to_string(shape.rows) + " x " + std::to_string(shape.cols) +
                          "; resize the images");
  }
  const size_t size = shape.rows * shape.cols;
  if (shape.count > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) / size) {
    throw KernelError(ErrorCode::kTooLarge, "Expected a batch that fits in memory; split it");
  }
  return shape.count * size;
}

void FilterFrequencies(std::span<const float> images, const ImageShape& shape,
                       std::span<const FrequencyFilter> filters, std::span<float> output,
                       int threads, InstructionSet instructions) {
  const size_t pixels = PixelsOf(shape);
  if (filters.empty() || filters.size() > 4096) {
    throw KernelError(
        ErrorCode::kBadParameter,
        "Expected 1 to 4096 filters, got " + std::to_string(filters.size()) + "; split the bank");
  }
  std::ranges::for_each(filters, Require);
  if (images.size() != pixels || output.size() / filters.size() != pixels ||
      output.size() % filters.size() != 0) {
    throw KernelError(ErrorCode::kBadBufferLength,
                      "Expected " + std::to_string(pixels) +
                          " pixels in and as many out for each filter, got " +
                          std::to_string(images.size()) + " and " + std::to_string(output.size()));
  }
  if (pixels == 0) return;
  const FilterProgram program(static_cast<int>(shape.rows), static_cast<int>(shape.cols), filters,
                              PairFilterCodeOf(instructions));
  const size_t pairs = (shape.count + 1) / 2;
  threads = static_cast<int>(
      std::clamp<size_t>(static_cast<size_t>(std::clamp(threads, 1, kMaxThreads)), 1, pairs));
  std::vector<std::unique_ptr<FilterProgram::Scratch>> scratch(static_cast<size_t>(threads));
  ParallelFor(pairs, threads, [&](int thread, size_t pair) {
    auto& own = scratch[static_cast<size_t>(thread)];
    if (!own) own = std::make_unique<FilterProgram::Scratch>(program);
    program.FilterPair(images, shape.count, 2 * pair, output, *own);
  });
}

}  // namespace audit
