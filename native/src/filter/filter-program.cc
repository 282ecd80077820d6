#include "filter/filter-program.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace audit {
namespace {

using std::size_t;
using std::uint32_t;
using std::uint64_t;

/// Above every 4 d^2 of the largest image.
constexpr uint64_t kBeyond = uint64_t{1} << 32;

/// The least whole number n such that 4 d^2 < n exactly when d < radius, for whole 4 d^2.
uint64_t Threshold(double radius) {
  const double bound = std::ceil(4 * (radius * radius));
  return bound >= static_cast<double>(kBeyond) ? kBeyond : static_cast<uint64_t>(bound);
}

/// 4 times the squared distance along one axis, of a signed frequency and its mirror image.
struct Distance {
  uint64_t here, mirrored;
};
Distance DistanceOf(int frequency, int length) {
  const std::int64_t odd = length % 2;
  const std::int64_t here = 2 * std::int64_t{frequency} - odd;
  const std::int64_t mirrored = 2 * std::int64_t{frequency} + odd;
  return {static_cast<uint64_t>(here * here), static_cast<uint64_t>(mirrored * mirrored)};
}

size_t Index(int i) { return static_cast<size_t>(i); }

}  // namespace

FilterProgram::FilterProgram(int rows, int cols, std::span<const FrequencyFilter> filters,
                             const PairFilterCode& code)
    : rows_(rows),
      cols_(cols),
      code_(code),
      column_plan_(FindLinePlan(rows)),
      row_plan_(FindLinePlan(cols)) {
  const int points = (cols + code.lanes - 1) / code.lanes;
  // One point more than needed: rows a power of two apart would share few cache sets.
  row_stride_ = static_cast<std::ptrdiff_t>(points + 1) * 2 * code.lanes;
  staged_stride_ = static_cast<std::ptrdiff_t>(column_plan_->view().buffer_length) * 2 * code.lanes;
  PlanRows();
  for (size_t i = 0; i < filters.size(); ++i) {
    const FilterPart part = PartOf(filters[i]);
    RingPlan& ring = FindRing(part);
    // The mean brightness passes when the ring holds the zero frequency, whose mirror image is
    // itself.
    const uint64_t zero = static_cast<uint64_t>(rows % 2 + cols % 2);
    const bool brightness = part.low <= zero && zero < part.high;
    ring.outputs.push_back({i, part.gain, part.direct, brightness ? part.gain : 0.0f});
  }
  first_block_ = std::numeric_limits<int>::max();
  for (RingPlan& ring : rings_) {
    PlanRing(ring);
    if (ring.ring.first_block >= ring.ring.end_block) continue;
    first_block_ = std::min(first_block_, ring.ring.first_block);
    end_block_ = std::max(end_block_, ring.ring.end_block);
  }
  first_block_ = std::min(first_block_, end_block_);
  const LineView& plan = column_plan_->view();
  int reach = 0;
  for (int k = 0; k < rows; ++k) {
    const int frequency = plan.frequency[k];
    const int row = row_of_[Index(frequency)];
    const int block = row / code.lanes;
    const bool needed = block >= first_block_ && block < end_block_;
    if (needed) reach = std::max(reach, std::abs(Signed(frequency, rows)));
    // The row after the last takes what nobody reads.
    targets_.push_back((needed ? row : static_cast<int>(order_.size()) + 1) * row_stride_);
  }
  column_edge_ = EdgeFor(plan, reach);
}

void FilterProgram::PlanRows() {
  order_.resize(Index(rows_));
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, {},
                           [&](int frequency) { return std::abs(Signed(frequency, rows_)); });
  row_of_.resize(Index(rows_));
  for (int row = 0; row < rows_; ++row) row_of_[Index(order_[Index(row)])] = row;
  // Lanes of the last block that hold no row point at no frequency.
  order_.resize(Index((rows_ + code_.lanes - 1) / code_.lanes * code_.lanes), -1);
  const LineView& plan = row_plan_->view();
  for (int k = 0; k < cols_; ++k) {
    const auto [here, mirrored] = DistanceOf(Signed(plan.frequency[k], cols_), cols_);
    across_.push_back(static_cast<uint32_t>(here));
    mirrored_across_.push_back(static_cast<uint32_t>(mirrored));
  }
}

/// Whether any frequency of this spectrum row may pass.
bool FilterProgram::Needs(const FilterPart& part, int frequency) const {
  const auto [here, mirrored] = DistanceOf(Signed(frequency, rows_), rows_);
  const uint64_t nearest = static_cast<uint64_t>(cols_ % 2);
  const uint64_t farthest = static_cast<uint64_t>(cols_) * static_cast<uint64_t>(cols_);
  return std::min(here, mirrored) + nearest < part.high &&
         std::max(here, mirrored) + farthest >= part.low;
}

FilterProgram::FilterPart FilterProgram::PartOf(const FrequencyFilter& filter) const {
  const bool whole = filter.kind == FilterKind::kLow || filter.kind == FilterKind::kHigh;
  const bool removes = filter.kind == FilterKind::kHigh || filter.kind == FilterKind::kNotch;
  FilterPart part{whole ? 0 : Threshold(filter.inner), Threshold(filter.outer),
                  removes ? -1.0f : 1.0f, removes ? 1.0f : 0.0f};
  if (part.low >= part.high) return {0, 0, part.gain, part.direct};
  if (part.low > 0) return part;
  const FilterPart outside{part.high, kBeyond, -part.gain, part.direct + part.gain};
  const auto rows_of = [&](const FilterPart& choice) {
    return std::ranges::count_if(
        order_, [&](int frequency) { return frequency >= 0 && Needs(choice, frequency); });
  };
  return rows_of(outside) < rows_of(part) ? outside : part;
}

FilterProgram::RingPlan& FilterProgram::FindRing(const FilterPart& part) {
  const auto found = std::ranges::find_if(
      rings_, [&](const RingPlan& ring) { return ring.low == part.low && ring.high == part.high; });
  if (found != rings_.end()) return *found;
  rings_.push_back({part.low, part.high, false, {}, {}, {}, {}, {}});
  return rings_.back();
}

void FilterProgram::PlanRing(RingPlan& plan) const {
  const FilterPart part{plan.low, plan.high, 0, 0};
  const int lanes = code_.lanes;
  int first = static_cast<int>(order_.size()), end = 0;
  int row_reach = 0;
  for (int row = 0; row < rows_; ++row) {
    const int frequency = order_[Index(row)];
    if (plan.low >= plan.high || !Needs(part, frequency)) continue;
    first = std::min(first, row);
    end = row + 1;
    row_reach = std::max(row_reach, std::abs(Signed(frequency, rows_)));
  }
  Ring& ring = plan.ring;
  ring.first_block = end == 0 ? 0 : first / lanes;
  ring.end_block = (end + lanes - 1) / lanes;
  // 4 d^2 - low < high - low, unsigned: what lies below `low` wraps to the far end.
  ring.span = static_cast<uint32_t>(std::min(plan.high - plan.low, kBeyond - 1));
  for (const int frequency : order_) {
    const auto [here, mirrored] =
        frequency < 0 ? Distance{0, 0} : DistanceOf(Signed(frequency, rows_), rows_);
    plan.base.push_back(static_cast<uint32_t>(here) - static_cast<uint32_t>(plan.low));
    plan.mirrored_base.push_back(static_cast<uint32_t>(mirrored) - static_cast<uint32_t>(plan.low));
  }
  const LineView& columns = column_plan_->view();
  for (int k = 0; k < rows_; ++k) {
    const int row = row_of_[Index(columns.frequency[k])];
    const bool needed = row >= first && row < end;
    plan.sources.push_back((needed ? row : static_cast<int>(order_.size())) * row_stride_);
  }
  // Along a row the ring reaches as far as its outer radius.
  const double outer = std::sqrt(static_cast<double>(plan.high)) / 2 + 1;
  ring.row_edge = EdgeFor(row_plan_->view(), static_cast<int>(std::min<double>(outer, cols_)));
  ring.column_edge = EdgeFor(columns, row_reach);
  ring.base = plan.base.data();
  ring.mirrored_base = plan.mirrored_base.data();
  ring.sources = plan.sources.data();
  ring.output_count = static_cast<int>(plan.outputs.size());
}

int FilterProgram::EdgeFor(const LineView& plan, int reach) const {
  if (plan.inner) return 0;
  const int radix = plan.stages[plan.stage_count - 1].radix;
  const int edge = reach / (plan.length / radix) + 1;
  return edge > 2 || 2 * edge >= radix ? 0 : edge;
}

FilterProgram::Scratch::Scratch(const FilterProgram& program)
    : spectrum((program.order_.size() + 2) * static_cast<size_t>(program.row_stride_)),
      line(Index(std::max(program.column_plan_->view().buffer_length,
                          program.row_plan_->view().buffer_length) +
                 kMostTurned) *
           Index(2 * program.code_.lanes)) {
  const size_t lanes = Index(program.code_.lanes);
  // Rows that no frequency fills are read: one that stands for all that a ring leaves out, and
  // those that fill up the last block.
  const auto filled = Index(program.rows_) * static_cast<size_t>(program.row_stride_);
  std::fill_n(spectrum.data() + filled, spectrum.size() - filled, 0.0f);
  edge = AlignedBuffer(2 * Index(program.rows_) * lanes);
  staged = AlignedBuffer(kGroupPixels / lanes * static_cast<size_t>(program.staged_stride_));
  if (program.rings_.size() > 1) {
    const auto blocks = Index(program.end_block_ - program.first_block_);
    transformed = AlignedBuffer(
        (blocks * Index(program.row_plan_->view().buffer_length) + kMostTurned) * 2 * lanes);
  }
}

void FilterProgram::FilterPair(std::span<const float> images, size_t count, size_t first,
                               std::span<float> output, Scratch& scratch) const {
  const size_t size = Index(rows_) * Index(cols_);
  const bool single = first + 1 == count;
  if (single) scratch.unused = AlignedBuffer(size);
  PairJob job{};
  job.rows = rows_;
  job.cols = cols_;
  for (size_t image = 0; image < 2; ++image) {
    job.from[image] = images.data() + (first + (single ? 0 : image)) * size;
    job.levels[image] = code_.find_levels(job.from[image], size);
  }
  const bool finite[2] = {job.levels[0].finite, job.levels[1].finite};
  // A missing or spoilt partner travels as zeros: its pixels are the other's, times 0.
  if (single) job.levels[1] = {};
  for (size_t image = 0; image < 2; ++image) {
    if (finite[image]) continue;
    job.from[image] = job.from[1 - image];
    job.levels[image] = {};
  }
  job.column_plan = column_plan_->view();
  job.row_plan = row_plan_->view();
  job.spectrum = scratch.spectrum.data();
  job.row_stride = row_stride_;
  job.first_block = first_block_;
  job.end_block = end_block_;
  job.targets = targets_.data();
  job.column_edge = column_edge_;
  job.across = across_.data();
  job.mirrored_across = mirrored_across_.data();
  job.mirrored = rows_ % 2 != 0 || cols_ % 2 != 0;
  job.normalisation = static_cast<float>(1.0 / static_cast<double>(size));
  job.line = scratch.line.data();
  job.transformed = scratch.transformed.data();
  job.edge = scratch.edge.data();
  job.staged = scratch.staged.data();
  job.staged_stride = staged_stride_;
  std::vector<RingOutput> outputs;
  std::vector<Ring> rings;
  std::vector<float*> spoilt;
  for (const RingPlan& plan : rings_) rings.push_back(plan.ring);
  for (const RingPlan& plan : rings_) {
    for (const auto& [filter, gain, direct, brightness] : plan.outputs) {
      RingOutput& to = outputs.emplace_back(RingOutput{direct, {}, {}, {}});
      float* pixels = output.data() + (filter * count + first) * size;
      to.to[0] = pixels;
      to.to[1] = single ? scratch.unused.data() : pixels + size;
      for (size_t image = 0; image < 2; ++image) {
        const Levels& levels = job.levels[image];
        to.gain[image] = gain * levels.inverse_scale;
        to.offset[image] = brightness * levels.middle;
        if (!finite[image] && !(single && image == 1)) spoilt.push_back(to.to[image]);
      }
    }
  }
  RingOutput* next = outputs.data();
  for (Ring& ring : rings) {
    ring.outputs = next;
    next += ring.output_count;
  }
  job.ring_count = static_cast<int>(rings.size());
  job.rings = rings.data();
  if (finite[0] || finite[1]) code_.filter_pair(job);
  for (float* pixels : spoilt) std::fill_n(pixels, size, std::numeric_limits<float>::quiet_NaN());
}

}  // namespace audit
