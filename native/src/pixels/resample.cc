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

void Resample(const PixelRows& code, const Image& from, const AxisWeights& down,
              const AxisWeights& across, Image to, float* room) {
  for (size_t y = 0; y < to.rows; ++y) {
    const auto& output = down.outputs[y];
    float* row = room + y * from.cols;
    const float* weights = down.weights.data() + output.at;
    code.set_weighted(from.pixels + output.first * from.cols, row, from.cols, weights[0]);
    for (size_t k = 1; k < output.count; ++k) {
      code.add_weighted(from.pixels + (output.first + k) * from.cols, row, from.cols, weights[k]);
    }
  }
  for (size_t y = 0; y < to.rows; ++y) {
    const float* row = room + y * from.cols;
    for (size_t x = 0; x < to.cols; ++x) {
      const auto& output = across.outputs[x];
      const float* weights = across.weights.data() + output.at;
      float sum = 0;
      for (size_t k = 0; k < output.count; ++k) sum += row[output.first + k] * weights[k];
      to.pixels[y * to.cols + x] = sum;
    }
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
  const auto period = static_cast<std::ptrdiff_t>(2 * n);
  const std::ptrdiff_t inside = ((i % period) + period) % period;
  return static_cast<size_t>(std::min(inside, period - 1 - inside));
}

}  // namespace

void Blur(const PixelRows& code, Image image, const std::vector<float>& weights, float* room) {
  const size_t radius = weights.size() - 1;
  const auto [pixels, rows, cols] = image;
  for (size_t y = 0; y < rows; ++y) {
    float* to = room + y * cols;
    code.set_weighted(pixels + y * cols, to, cols, weights[0]);
    for (size_t k = 1; k <= radius; ++k) {
      const auto at = static_cast<std::ptrdiff_t>(y), step = static_cast<std::ptrdiff_t>(k);
      code.add_pair(pixels + Mirrored(at - step, rows) * cols,
                    pixels + Mirrored(at + step, rows) * cols, to, cols, weights[k]);
    }
  }
  float* line = room + rows * cols;
  for (size_t y = 0; y < rows; ++y) {
    const float* from = room + y * cols;
    std::copy_n(from, cols, line + radius);
    for (size_t k = 1; k <= radius; ++k) {
      const auto step = static_cast<std::ptrdiff_t>(k);
      line[radius - k] = from[Mirrored(-step, cols)];
      line[radius + cols - 1 + k] =
          from[Mirrored(static_cast<std::ptrdiff_t>(cols) - 1 + step, cols)];
    }
    float* to = pixels + y * cols;
    code.set_weighted(line + radius, to, cols, weights[0]);
    for (size_t k = 1; k <= radius; ++k) {
      code.add_pair(line + radius - k, line + radius + k, to, cols, weights[k]);
    }
  }
}

}  // namespace audit
