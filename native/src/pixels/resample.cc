#include "pixels/resample.h"

#include <algorithm>
#include <cmath>

namespace audit {

using std::size_t;

AxisWeights BilinearWeights(size_t from, size_t to, bool antialias) {
  AxisWeights axis;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double support = antialias ? std::max(scale, 1.0) : 1.0;
  for (size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    std::vector<double> weights;
    size_t first = 0;
    if (antialias) {
      first = static_cast<size_t>(std::max(centre - support + 0.5, 0.0));
      const auto end =
          static_cast<size_t>(std::min(centre + support + 0.5, static_cast<double>(from)));
      double sum = 0;
      for (size_t x = first; x < end; ++x) {
        const double distance = std::abs((static_cast<double>(x) + 0.5 - centre) / support);
        weights.push_back(std::max(0.0, 1 - distance));
        sum += weights.back();
      }
      for (double& weight : weights) weight /= sum;
    } else {
      const double position = std::max(centre - 0.5, 0.0);
      first = std::min(static_cast<size_t>(position), from - 1);
      const double rest = std::min(position - static_cast<double>(first), 1.0);
      weights = {1 - rest};
      if (first + 1 < from) {
        weights.push_back(rest);
      } else {
        weights = {1};
      }
    }
    axis.outputs.push_back({first, weights.size(), axis.weights.size()});
    for (const double weight : weights) axis.weights.push_back(static_cast<float>(weight));
  }
  return axis;
}

size_t ResampleRoom(size_t cols) { return kMostRows * cols + kMostRows * (cols + kMostRows); }

void Resample(const PixelRows& code, const Image& from, const AxisWeights& down,
              const AxisWeights& across, Image to, float* room, std::vector<const float*>& rows) {
  float* const transposed = room + kMostRows * from.cols;
  for (size_t first = 0; first < to.rows; first += kMostRows) {
    const size_t count = std::min(kMostRows, to.rows - first);
    for (size_t y = 0; y < count; ++y) {
      const TapRange& output = down.outputs[first + y];
      rows.clear();
      for (size_t k = 0; k < output.count; ++k)
        rows.push_back(from.pixels + (output.first + k) * from.cols);
      code.sum_rows(rows.data(), down.weights.data() + output.at, output.count,
                    room + y * from.cols, from.cols);
    }
    code.sum_columns(room, count, from.cols, across.outputs.data(), across.weights.data(), to.cols,
                     to.pixels + first * to.cols, transposed);
  }
}

std::vector<float> GaussianWeights(double sigma) {
  const auto radius = static_cast<size_t>(4 * sigma + 0.5);
  std::vector<double> half;
  double sum = 0;
  for (size_t k = 0; k <= radius; ++k) {
    const double x = static_cast<double>(k);
    half.push_back(sigma == 0 ? (k == 0 ? 1.0 : 0.0) : std::exp(-x * x / (2 * sigma * sigma)));
    sum += k == 0 ? half.back() : 2 * half.back();
  }
  std::vector<float> weights;
  for (const double weight : half) weights.push_back(static_cast<float>(weight / sum));
  return weights;
}

namespace {

/// Where index i of a line of n lies when the line is mirrored at its ends, edge pixels repeated.
size_t Mirrored(std::ptrdiff_t i, size_t n) {
  if (i >= 0 && i < static_cast<std::ptrdiff_t>(n)) return static_cast<size_t>(i);
  const auto period = static_cast<std::ptrdiff_t>(2 * n);
  const std::ptrdiff_t inside = ((i % period) + period) % period;
  return static_cast<size_t>(std::min(inside, period - 1 - inside));
}

}  // namespace

void Blur(const PixelRows& code, Image image, const std::vector<float>& weights, float* room,
          std::vector<const float*>& lines) {
  const size_t radius = weights.size() - 1;
  const auto [pixels, rows, cols] = image;
  const auto reach = static_cast<std::ptrdiff_t>(radius);
  lines.resize(2 * radius + 1);
  for (size_t y = 0; y < rows; ++y) {
    for (size_t k = 0; k <= 2 * radius; ++k) {
      const auto row = static_cast<std::ptrdiff_t>(y + k) - reach;
      lines[k] = pixels + Mirrored(row, rows) * cols;
    }
    code.sum_mirrored(lines.data(), weights.data(), radius, room + y * cols, cols);
  }
  float* line = room + rows * cols;
  for (size_t k = 0; k <= 2 * radius; ++k) lines[k] = line + k;
  for (size_t y = 0; y < rows; ++y) {
    const float* from = room + y * cols;
    std::copy_n(from, cols, line + radius);
    for (size_t k = 1; k <= radius; ++k) {
      const auto step = static_cast<std::ptrdiff_t>(k);
      line[radius - k] = from[Mirrored(-step, cols)];
      line[radius + cols - 1 + k] =
          from[Mirrored(static_cast<std::ptrdiff_t>(cols) - 1 + step, cols)];
    }
    code.sum_mirrored(lines.data(), weights.data(), radius, pixels + y * cols, cols);
  }
}

}  // namespace audit
