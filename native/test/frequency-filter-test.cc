// Every filter against a naive double-precision transform, for every instruction set of this
// machine.

#include "filter/frequency-filter.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "check.h"
#include "core/kernel-error.h"

namespace {

using audit::FilterKind;
using audit::FrequencyFilter;
using audit::ImageShape;
using Complex = std::complex<double>;

bool Passes(const FrequencyFilter& filter, double distance2) {
  const bool below = distance2 < filter.outer * filter.outer;
  const bool inside = below && distance2 >= filter.inner * filter.inner;
  switch (filter.kind) {
    case FilterKind::kLow:
      return below;
    case FilterKind::kHigh:
      return !below;
    case FilterKind::kBand:
      return inside;
    default:
      return !inside;
  }
}

std::vector<Complex> Roots(int n) {
  std::vector<Complex> roots;
  for (int i = 0; i < n; ++i) {
    const double angle = -2 * std::numbers::pi * i / n;
    roots.emplace_back(std::cos(angle), std::sin(angle));
  }
  return roots;
}

// Rows, then columns, by the definition; sign -1 forward, +1 back.
void Transform(std::vector<Complex>& image, int rows, int cols, int sign) {
  const auto lines = [&](int count, int length, int step, int stride) {
    const auto roots = Roots(length);
    std::vector<Complex> line(static_cast<size_t>(length));
    for (int i = 0; i < count; ++i) {
      for (int k = 0; k < length; ++k) {
        Complex sum = 0;
        for (int n = 0; n < length; ++n) {
          const Complex root = roots[static_cast<size_t>(static_cast<long>(n) * k % length)];
          sum += image[static_cast<size_t>(i * step + n * stride)] *
                 (sign < 0 ? root : std::conj(root));
        }
        line[static_cast<size_t>(k)] = sum;
      }
      for (int k = 0; k < length; ++k)
        image[static_cast<size_t>(i * step + k * stride)] = line[static_cast<size_t>(k)];
    }
  };
  lines(rows, cols, cols, 1);
  lines(cols, rows, 1, cols);
}

std::vector<Complex> Spectrum(const float* pixels, int rows, int cols) {
  std::vector<Complex> spectrum(pixels, pixels + rows * cols);
  Transform(spectrum, rows, cols, -1);
  return spectrum;
}

// Index of the zero frequency after fftshift is floor(n / 2); the mask is centred on n / 2.
std::vector<double> Filtered(std::vector<Complex> spectrum, int rows, int cols,
                             const FrequencyFilter& filter) {
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) {
      const double y = (i + rows / 2) % rows - rows / 2.0;
      const double x = (j + cols / 2) % cols - cols / 2.0;
      if (!Passes(filter, y * y + x * x)) spectrum[static_cast<size_t>(i * cols + j)] = 0;
    }
  }
  Transform(spectrum, rows, cols, 1);
  std::vector<double> pixels;
  for (const Complex& value : spectrum) pixels.push_back(value.real() / (rows * cols));
  return pixels;
}

std::vector<FrequencyFilter> FiltersFor(int rows, int cols) {
  const double side = std::max(rows, cols);
  std::vector<FrequencyFilter> filters;
  for (const double radius :
       {0.0, 0.4, 1.0, 2.5, side * 0.1, side * 0.3, side * 0.5, side * 0.6, side}) {
    filters.push_back({FilterKind::kLow, 0, radius});
    filters.push_back({FilterKind::kHigh, 0, radius});
    filters.push_back({FilterKind::kBand, radius / 2, radius});
    filters.push_back({FilterKind::kNotch, radius / 3, radius});
  }
  return filters;
}

std::vector<float> RandomImages(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> pixel(0, 1);
  std::vector<float> images(size);
  for (float& value : images) value = pixel(random);
  return images;
}

double Worst(const float* got, const std::vector<double>& expected) {
  double worst = 0;
  for (size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(got[i] - expected[i]));
  return worst;
}

void CheckSize(int rows, int cols, audit::InstructionSet instructions, double* worst) {
  const size_t count = 3, size = static_cast<size_t>(rows) * static_cast<size_t>(cols);
  const ImageShape shape{count, static_cast<size_t>(rows), static_cast<size_t>(cols)};
  std::vector<float> images = RandomImages(count * size, static_cast<unsigned>(rows * 1000 + cols));
  // A bright image of small range, and a large one beside it: neither may spoil the other.
  for (size_t i = 0; i < size; ++i) images[size + i] = images[size + i] * 0.01f + 100;
  for (size_t i = 0; i < size; ++i) images[2 * size + i] *= 1e6f;
  const double ranges[] = {1, 0.01, 1e6};
  const auto filters = FiltersFor(rows, cols);
  std::vector<std::vector<Complex>> spectra;
  for (size_t i = 0; i < count; ++i)
    spectra.push_back(Spectrum(images.data() + i * size, rows, cols));
  std::vector<float> bank(filters.size() * count * size, -1.0f);
  audit::FilterFrequencies(images, shape, filters, bank, 2, instructions);
  for (size_t f = 0; f < filters.size(); ++f) {
    std::vector<float> one(images);
    audit::FilterFrequencies(one, shape, {&filters[f], 1}, one, 1, instructions);
    for (size_t i = 0; i < count; ++i) {
      const auto expected = Filtered(spectra[i], rows, cols, filters[f]);
      // The bright image is known to a float of 100 only: 100 * 2^-24 is 6e-4 of its range.
      const double allowed = i == 1 ? 2e-5 : 1e-5 * ranges[i];
      const double apart = Worst(one.data() + i * size, expected);
      const double bank_apart = Worst(bank.data() + (f * count + i) * size, expected);
      if (!(apart < allowed && bank_apart < allowed)) {
        std::fprintf(stderr, "%s %d x %d image %zu kind %d radii %g %g: %g alone, %g in a bank\n",
                     audit::NameOf(instructions), rows, cols, i, static_cast<int>(filters[f].kind),
                     filters[f].inner, filters[f].outer, apart, bank_apart);
        std::exit(1);
      }
      *worst = std::max({*worst, apart / allowed, bank_apart / allowed});
    }
  }
}

void CheckSpoiltImages() {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  const ImageShape shape{3, 12, 18};
  const FrequencyFilter high{FilterKind::kHigh, 0, 3};
  for (const auto instructions : audit::RunnableInstructionSets()) {
    for (const float value : bad) {
      for (size_t spoilt = 0; spoilt < 3; ++spoilt) {
        const std::vector<float> images = RandomImages(3 * 216, 5);
        std::vector<float> clean(images);
        audit::FilterFrequencies(clean, shape, {&high, 1}, clean, 1, instructions);
        std::vector<float> dirty(images);
        dirty[spoilt * 216 + 215] = value;
        audit::FilterFrequencies(dirty, shape, {&high, 1}, dirty, 1, instructions);
        for (size_t i = 0; i < dirty.size(); ++i) {
          if (i / 216 == spoilt) {
            CHECK(std::isnan(dirty[i]));
          } else {
            CHECK(std::abs(dirty[i] - clean[i]) < 1e-6f);
          }
        }
      }
    }
  }
}

void CheckExtremes() {
  // Constant, tiny, huge and denormal images stay finite and keep their scale.
  for (const float level : {0.0f, 1e-44f, 1e-20f, 1.0f, 1e20f, 3e38f}) {
    std::vector<float> image(64 * 64, level);
    const FrequencyFilter low{FilterKind::kLow, 0, 5};
    audit::FilterFrequencies(image, {1, 64, 64}, {&low, 1}, image, 1);
    for (const float value : image) CHECK(std::abs(value - level) <= 1e-6f * level);
  }
  std::vector<float> image(8 * 8);
  for (size_t i = 0; i < 64; ++i) image[i] = i % 2 == 0 ? 3.4e38f : -3.4e38f;
  const FrequencyFilter high{FilterKind::kHigh, 0, 1};
  audit::FilterFrequencies(image, {1, 8, 8}, {&high, 1}, image, 1);
  for (size_t i = 0; i < 64; ++i) CHECK(std::abs(std::abs(image[i]) / 3.4e38f - 1) < 1e-5f);
}

template <class Call>
void CheckRefuses(audit::ErrorCode code, Call call) {
  try {
    call();
  } catch (const audit::KernelError& error) {
    CHECK(error.code() == code);
    return;
  }
  CHECK(!"an error");
}

void CheckRefusals() {
  using audit::ErrorCode;
  std::vector<float> image(16);
  const auto filter = [&](ImageShape shape, FrequencyFilter one) {
    audit::FilterFrequencies(image, shape, {&one, 1}, image, 1);
  };
  const double nan = std::nan("");
  const FrequencyFilter low{FilterKind::kLow, 0, 1};
  CheckRefuses(ErrorCode::kBadImageShape, [&] { filter({1, 0, 16}, low); });
  CheckRefuses(ErrorCode::kBadImageShape, [&] { filter({1, 1, 40000}, low); });
  CheckRefuses(ErrorCode::kTooLarge, [&] {
    filter({std::numeric_limits<size_t>::max() / 4, 4, 4}, low);
  });
  CheckRefuses(ErrorCode::kBadBufferLength, [&] { filter({2, 4, 4}, low); });
  CheckRefuses(ErrorCode::kBadParameter, [&] { filter({1, 4, 4}, {FilterKind::kLow, 0, -1}); });
  CheckRefuses(ErrorCode::kBadParameter, [&] { filter({1, 4, 4}, {FilterKind::kLow, 0, nan}); });
  CheckRefuses(ErrorCode::kBadParameter, [&] { filter({1, 4, 4}, {FilterKind::kBand, 3, 2}); });
  CheckRefuses(ErrorCode::kBadParameter, [&] { filter({1, 4, 4}, {FilterKind::kNotch, nan, 2}); });
  CheckRefuses(ErrorCode::kBadParameter, [&] {
    audit::FilterFrequencies(image, {1, 4, 4}, {}, image, 1);
  });
  audit::FilterFrequencies({}, {0, 4, 4}, {&low, 1}, {}, 1);
}

}  // namespace

int main() {
  double worst = 0;
  for (const auto instructions : audit::RunnableInstructionSets()) {
    for (int rows = 1; rows <= 9; ++rows) {
      for (int cols = 1; cols <= 9; ++cols) CheckSize(rows, cols, instructions, &worst);
    }
    const int sizes[][2] = {{16, 16}, {14, 28},  {17, 31}, {20, 45}, {35, 49}, {64, 40},
                            {61, 67}, {100, 33}, {1, 97},  {96, 1},  {80, 70}, {127, 112}};
    for (const auto& [rows, cols] : sizes) CheckSize(rows, cols, instructions, &worst);
  }
  CheckSpoiltImages();
  CheckExtremes();
  CheckRefusals();
  std::printf("worst error is %.2f of what is allowed\n", worst);
}
