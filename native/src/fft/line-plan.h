#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace audit {

/// One pass of a transform: blocks of `length` points, each split into `radix` interleaved parts.
struct LineStage {
  int radix;
  int length;
  /// For each p < length / radix and each k in [1, radix): cosine and sine of -2 pi p k / length.
  const float* twiddles;
};

/// What the passes read; plain data, so that code compiled for another instruction set may use it.
struct LineView {
  int length;
  /// Points the work buffer must hold: `length`, or more when the transform goes through a longer
  /// convolution.
  int buffer_length;
  int stage_count;
  const LineStage* stages;
  /// The frequency, in [0, length), found at each position after the forward passes.
  const std::int32_t* frequency;
  /// Bluestein only (otherwise null): the convolution's plan, exp(-pi i j^2 / n), and the spectrum
  /// of its conjugate by position, over the inner length; complex pairs.
  const LineView* inner;
  const float* chirp;
  const float* chirp_spectrum;
};

/// How to transform lines of one length: mixed radix when its primes are 2, 3, 5 and 7, else
/// Bluestein's convolution (Bluestein 1970, doi:10.1109/TAU.1970.1162132). Decimation in frequency
/// forward, in time backward, both in place: the spectrum stays in digit order, which costs a
/// filter nothing. Immutable; threads share it.
class LinePlan {
 public:
  /// length in [1, kMaxLength].
  explicit LinePlan(int length);
  LinePlan(const LinePlan&) = delete;
  LinePlan& operator=(const LinePlan&) = delete;

  const LineView& view() const { return view_; }

  static constexpr int kMaxLength = 32768;

 private:
  void PlanStages(const std::vector<int>& radices);
  void PlanConvolution();

  LineView view_{};
  std::vector<LineStage> stages_;
  std::vector<std::vector<float>> twiddles_;
  std::vector<std::int32_t> frequency_;
  std::unique_ptr<LinePlan> inner_;
  std::vector<float> chirp_;
  std::vector<float> chirp_spectrum_;
};

/// The plan of `length`, made once per process and kept while anyone uses it or it is among the
/// last 64 asked for.
std::shared_ptr<const LinePlan> FindLinePlan(int length);

}  // namespace audit
