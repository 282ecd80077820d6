#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned-buffer.h"
#include "fft/line-plan.h"
#include "filter/frequency-filter.h"
#include "isa/pair-filter.h"

namespace audit {

/// Everything about one set of filters and one image size that does not depend on pixels.
/// Immutable.
///
/// Each filter is written as direct * image + gain * ring(image); where the ring holds more
/// spectrum rows than the frequencies outside it, the outside is transformed instead and taken from
/// the whole. Filters with the same ring share it.
class FilterProgram {
 public:
  FilterProgram(int rows, int cols, std::span<const FrequencyFilter> filters,
                const PairFilterCode& code);

  /// Buffers for one thread.
  struct Scratch {
    explicit Scratch(const FilterProgram& program);
    AlignedBuffer spectrum, line, transformed, edge, staged, unused;
  };

  /// Filters images `first` and, when there is one, `first + 1` of the batch.
  void FilterPair(std::span<const float> images, std::size_t count, std::size_t first,
                  std::span<float> output, Scratch& scratch) const;

 private:
  /// gain * ring(image) + direct * image; `brightness` is what the ring does to a constant, times
  /// gain.
  struct FilterOutput {
    std::size_t filter;
    float gain, direct, brightness;
  };
  struct RingPlan {
    std::uint64_t low, high;
    bool outside;
    Ring ring{};
    std::vector<std::uint32_t> base, mirrored_base;
    std::vector<std::ptrdiff_t> sources;
    std::vector<FilterOutput> outputs;
  };
  struct FilterPart {
    std::uint64_t low, high;
    float gain, direct;
  };

  FilterPart PartOf(const FrequencyFilter& filter) const;
  RingPlan& FindRing(const FilterPart& part);
  bool Needs(const FilterPart& part, int frequency) const;
  void PlanRows();
  void PlanRing(RingPlan& ring) const;
  int EdgeFor(const LineView& plan, int reach) const;
  int Signed(int frequency, int length) const {
    return 2 * frequency >= length ? frequency - length : frequency;
  }

  int rows_, cols_;
  const PairFilterCode& code_;
  std::shared_ptr<const LinePlan> column_plan_, row_plan_;
  /// Column frequencies by distance from zero: spectrum row i holds order_[i].
  std::vector<int> order_;
  /// Spectrum row of each column frequency.
  std::vector<int> row_of_;
  std::ptrdiff_t row_stride_ = 0, staged_stride_ = 0;
  std::vector<RingPlan> rings_;
  std::vector<std::ptrdiff_t> targets_;
  std::vector<std::uint32_t> across_, mirrored_across_;
  int first_block_ = 0, end_block_ = 0, column_edge_ = 0;
};

}  // namespace audit
