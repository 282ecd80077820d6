#include "pixels/fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/kernel-error.h"

namespace audit {
namespace {

using std::size_t;

/// Normals drawn at a time: a multiple of 4 that stays in the nearest cache.
constexpr size_t kDraw = 1024;

std::uint32_t LowWord(std::uint64_t seed) { return static_cast<std::uint32_t>(seed); }
std::uint32_t HighWord(std::uint64_t seed) { return static_cast<std::uint32_t>(seed >> 32); }

/// Calls visit(first, normals) over runs of pixel numbers that cover [from, to).
template <class Visit>
void ForNormals(const PixelRows& code, NoiseStream stream, size_t from, size_t to, Visit visit) {
  std::array<float, kDraw> normals;
  for (size_t first = from / 4 * 4; first < to; first += kDraw) {
    const size_t count = std::min(kDraw, to - first);
    code.normals(LowWord(stream.seed), HighWord(stream.seed), stream.image, first, normals.data(),
                 count);
    visit(first, std::span<const float>(normals.data(), count));
  }
}

/// Gives [from, to) of the image their fill.
class Filler {
 public:
  Filler(const PixelRows& code, const Image& image, const Fill& fill, std::uint32_t image_number)
      : code_(code), image_(image), fill_(fill), stream_{fill.seed, image_number} {
    if (fill.kind == Fill::Kind::kValue) return;
    moments_ = MomentsOf(image);
  }
  /// The one value of a fill that is not noise.
  float value() const {
    return fill_.kind == Fill::Kind::kValue ? fill_.value : static_cast<float>(moments_.mean);
  }
  void operator()(size_t from, size_t to) const {
    if (from >= to) return;
    if (fill_.kind != Fill::Kind::kNoise) {
      std::fill(image_.pixels + from, image_.pixels + to, value());
      return;
    }
    ForNormals(code_, stream_, from, to, [&](size_t first, std::span<const float> normals) {
      for (size_t i = std::max(first, from); i < first + normals.size(); ++i) {
        image_.pixels[i] = static_cast<float>(
            moments_.mean + moments_.deviation * static_cast<double>(normals[i - first]));
      }
    });
  }

 private:
  const PixelRows& code_;
  Image image_;
  Fill fill_;
  NoiseStream stream_;
  Moments moments_{0, 0};
};

}  // namespace

Moments MomentsOf(const Image& image) {
  // Eight sums side by side; the deviations second, so nothing cancels.
  constexpr size_t ways = 8;
  const size_t size = image.size();
  const auto sum_of = [&](auto term) {
    std::array<double, ways> sums{};
    size_t i = 0;
    for (; i + ways <= size; i += ways) {
      for (size_t way = 0; way < ways; ++way)
        sums[way] += term(static_cast<double>(image.pixels[i + way]));
    }
    for (; i < size; ++i) sums[0] += term(static_cast<double>(image.pixels[i]));
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
  };
  const double count = static_cast<double>(size);
  const double mean = sum_of([](double pixel) { return pixel; }) / count;
  const double squares = sum_of([mean](double pixel) { return (pixel - mean) * (pixel - mean); });
  return {mean, std::sqrt(squares / count)};
}

void FindRuns(std::span<const Patch> patches, bool outside, size_t rows, size_t cols,
              std::vector<PixelRun>& runs) {
  runs.clear();
  const auto add = [&](size_t first, size_t end) {
    if (first >= end) return;
    if (!runs.empty() && runs.back().end == first) {
      runs.back().end = end;
    } else {
      runs.push_back({first, end});
    }
  };
  std::vector<Patch> from_left(patches.begin(), patches.end());
  std::ranges::sort(from_left, {}, &Patch::col);
  for (size_t y = 0; y < rows; ++y) {
    const size_t start = y * cols;
    // Everything before `reached` is settled.
    size_t reached = 0;
    for (const Patch& patch : from_left) {
      if (y < patch.row || y - patch.row >= patch.rows) continue;
      if (outside) add(start + reached, start + std::max(patch.col, reached));
      const size_t end = patch.col + patch.cols;
      if (!outside) add(start + std::max(patch.col, reached), start + end);
      reached = std::max(reached, end);
    }
    if (outside) add(start + reached, start + cols);
  }
}

void FillRuns(const PixelRows& code, Image image, std::span<const PixelRun> runs, const Fill& fill,
              std::uint32_t image_number) {
  const Filler filler(code, image, fill, image_number);
  for (const auto& [first, end] : runs) filler(first, end);
}

void FillBitmap(const PixelRows& code, Image image, std::span<const std::uint8_t> bitmap,
                bool outside, const Fill& fill, std::uint32_t image_number) {
  const Filler filler(code, image, fill, image_number);
  const size_t size = image.size();
  if (fill.kind != Fill::Kind::kNoise) {
    // One value for all: a choice a pixel, without branches.
    const float value = filler.value();
    for (size_t i = 0; i < size; ++i) {
      image.pixels[i] = (bitmap[i] != 0) != outside ? value : image.pixels[i];
    }
    return;
  }
  for (size_t i = 0; i < size;) {
    size_t end = i;
    while (end < size && (bitmap[end] != 0) != outside) ++end;
    filler(i, end);
    i = end + 1;
  }
}

Patch RandomPatch(const Image& image, size_t rows, size_t cols, std::uint64_t seed,
                  std::uint32_t image_number) {
  if (rows > image.rows || cols > image.cols) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected a patch no larger than the image of " + std::to_string(image.rows) +
                          " x " + std::to_string(image.cols) + "; make it smaller");
  }
  // SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195) over seed and image; the remainder
  // of 64 bits by at most 2^15 places is fair to 2^-49.
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + image_number;
  const auto next = [&] {
    std::uint64_t word = state += 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
  };
  const size_t row = next() % (image.rows - rows + 1);
  const size_t col = next() % (image.cols - cols + 1);
  return {row, col, rows, cols};
}

void AddNoise(const PixelRows& code, Image image, float deviation, NoiseStream stream) {
  ForNormals(code, stream, 0, image.size(), [&](size_t first, std::span<const float> normals) {
    code.add_weighted(normals.data(), image.pixels + first, normals.size(), deviation);
  });
}

}  // namespace audit
