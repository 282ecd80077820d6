#pragma once

#include <cstddef>
#include <vector>

#include "pixels/image.h"

namespace audit {

/// For each output along one axis: which inputs it is made of, and how much of each. Immutable.
struct AxisWeights {
  std::vector<TapRange> outputs;
  std::vector<float> weights;
};

/// Bilinear interpolation from `from` to `to` points, pixel centres at halves, edges repeated. With
/// `antialias` the triangle widens by the reduction factor, so every input counts (as Pillow's
/// BILINEAR); without, only the two nearest do.
AxisWeights BilinearWeights(std::size_t from, std::size_t to, bool antialias);

/// Resamples `from` into `to` (of the size the weights say), down the columns first. `room` holds
/// ResampleRoom(from.cols) pixels. `rows` is room for the rows of one sum. Not in place. A NaN
/// reaches the outputs it has a weight in.
std::size_t ResampleRoom(std::size_t cols);
void Resample(const PixelRows& code, const Image& from, const AxisWeights& down,
              const AxisWeights& across, Image to, float* room, std::vector<const float*>& rows);

/// Half of a Gaussian's weights, from the centre: radius = floor(4 sigma + 1/2), sum of all = 1
/// (scipy.ndimage's).
std::vector<float> GaussianWeights(double sigma);

/// Convolves an image with the Gaussian in place, edges mirrored with the edge pixel repeated.
/// `room` holds as many pixels as the image and one row with its margins, 2 * (weights.size() - 1)
/// more; `rows` is room for the rows of one sum.
void Blur(const PixelRows& code, Image image, const std::vector<float>& weights, float* room,
          std::vector<const float*>& rows);

}  // namespace audit
