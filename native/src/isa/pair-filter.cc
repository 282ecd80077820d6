// Compiled once per instruction set; see CMakeLists.txt.

#include "isa/pair-filter.h"

#include "isa/find-levels.h"
#include "isa/pixel-columns.h"
#include "isa/row-store.h"
#include "isa/spectrum-passes.h"

namespace audit {
namespace {

int LastRadix(const LineView& plan) { return plan.stages[plan.stage_count - 1].radix; }

/// Down the columns of both images, for kLanes columns: pixels to spectrum rows.
void ForwardColumn(const PairJob& job, const PixelLoader& pixels, float* spectrum) {
  const LineView& plan = job.column_plan;
  const int last = plan.stage_count - 1;
  if (plan.inner || last < 1) {
    for (int y = 0; y < plan.length; ++y) StorePoint(job.line + y * kPoint, pixels(y));
  } else {
    WithRadix(
        plan.stages[0].radix, [&](auto radix) __attribute__((always_inline)) {
          ForwardBlock<radix>(
              plan.length / radix, plan.stages[0].twiddles,
              pixels, [&](int k, Complex value) __attribute__((always_inline)) {
                StorePoint(job.line + k * kPoint, value);
              });
        });
  }
  if (plan.inner) {
    ForwardLine(plan, job.line);
    for (int k = 0; k < plan.length; ++k) {
      StorePoint(spectrum + job.targets[k], LoadPoint(job.line + k * kPoint));
    }
    return;
  }
  ForwardStages(plan, 1, last, job.line);
  WithRadixAndEdge(LastRadix(plan), job.column_edge, [&](auto radix, auto edge) {
    ScatterLast<radix, edge>(plan.length, job.line, spectrum, job.targets);
  });
}

/// Back up the columns, for kLanes columns: spectrum rows to a line of image rows.
void InverseColumn(const PairJob& job, const Ring& ring, const float* spectrum, float* line) {
  const LineView& plan = job.column_plan;
  if (plan.inner) {
    for (int k = 0; k < plan.length; ++k) {
      StorePoint(line + k * kPoint, LoadPoint(spectrum + ring.sources[k]));
    }
    return InverseLine(plan, line);
  }
  WithRadixAndEdge(LastRadix(plan), ring.column_edge, [&](auto radix, auto edge) {
    GatherFirst<radix, edge>(plan.length, line, spectrum, ring.sources);
  });
  InverseStages(plan, 0, plan.stage_count - 1, line);
}

/// kLanes spectrum rows into a line buffer, or back: point x of the line holds column x of every
/// row.
AUDIT_INLINE void TransposePoints(const float* from, std::ptrdiff_t from_stride, float* to,
                                  std::ptrdiff_t to_stride) {
  Unroll<2>([&](auto part) __attribute__((always_inline)) {
    Vector block[kLanes];
    Unroll<kLanes>([&](auto i) __attribute__((always_inline)) {
      block[i] = LoadAligned(from + i * from_stride + part * kLanes);
    });
    Transpose(block);
    Unroll<kLanes>([&](auto i) __attribute__((always_inline)) {
      StoreAligned(to + i * to_stride + part * kLanes, block[i]);
    });
  });
}

/// Where the columns of lanes start.
int StartOf(const PairJob& job) {
  if (!Turnable(job)) return 0;
  const auto address =
      reinterpret_cast<std::uintptr_t>(job.rings[0].outputs[0].to[0]) / sizeof(float);
  return static_cast<int>((kMostTurned - address % kMostTurned) % kMostTurned);
}

// Lines are in the order of the image, not of the turn: where a batch lies in memory must not show
// in its numbers. The vector that goes on at the left side lies past the end of the line at first.
void LoadRows(const PairJob& job, int block, float* line) {
  const float* rows = job.spectrum + block * kLanes * job.row_stride;
  const int start = StartOf(job);
  for (int at = 0; at < job.cols; at += kLanes) {
    TransposePoints(rows + 2 * at, job.row_stride, line + (start + at) * kPoint, kPoint);
  }
  for (int x = 0; x < start; ++x)
    StorePoint(line + x * kPoint, LoadPoint(line + (job.cols + x) * kPoint));
}

void StoreRows(const PairJob& job, int block, float* line) {
  float* rows = job.spectrum + block * kLanes * job.row_stride;
  const int start = StartOf(job);
  for (int x = 0; x < start; ++x)
    StorePoint(line + (job.cols + x) * kPoint, LoadPoint(line + x * kPoint));
  for (int at = 0; at < job.cols; at += kLanes) {
    TransposePoints(line + (start + at) * kPoint, kPoint, rows + 2 * at, job.row_stride);
  }
}

RingMask MaskOf(const PairJob& job, const Ring& ring, int block) {
  RingMask mask{};
  for (int lane = 0; lane < kLanes; ++lane) {
    mask.base[lane] = ring.base[block * kLanes + lane];
    mask.mirrored_base[lane] = ring.mirrored_base[block * kLanes + lane];
  }
  mask.span = BroadcastWord(ring.span);
  mask.across = job.across;
  mask.mirrored_across = job.mirrored_across;
  mask.pass = Broadcast(job.normalisation);
  mask.half = Broadcast(0.5f * job.normalisation);
  return mask;
}

template <bool kMirrored>
void MaskLine(const PairJob& job, const float* from, float* line, const RingMask& mask) {
  for (int k = 0; k < job.cols; ++k) {
    StorePoint(line + k * kPoint, LoadPoint(from + k * kPoint) * mask.At<kMirrored>(k));
  }
}

/// One ring only: along the rows and back in one go.
template <bool kMirrored>
void FilterRows(const PairJob& job, const Ring& ring, int block) {
  const LineView& plan = job.row_plan;
  const RingMask mask = MaskOf(job, ring, block);
  LoadRows(job, block, job.line);
  if (plan.inner) {
    ForwardLine(plan, job.line);
    MaskLine<kMirrored>(job, job.line, job.line, mask);
    InverseLine(plan, job.line);
  } else {
    const int last = plan.stage_count - 1;
    ForwardStages(plan, 0, last, job.line);
    WithRadixAndEdge(LastRadix(plan), ring.row_edge, [&](auto radix, auto edge) {
      MaskBetweenPasses<radix, edge, kMirrored>(plan.length, job.line, mask);
    });
    InverseStages(plan, 0, last, job.line);
  }
  StoreRows(job, block, job.line);
}

float* TransformedRows(const PairJob& job, int block) {
  return job.transformed +
         static_cast<std::ptrdiff_t>(block - job.first_block) * job.row_plan.buffer_length * kPoint;
}

/// Back from the stored transform of a block of rows.
template <bool kMirrored>
void MaskRows(const PairJob& job, const Ring& ring, int block) {
  const LineView& plan = job.row_plan;
  const RingMask mask = MaskOf(job, ring, block);
  const float* from = TransformedRows(job, block);
  if (plan.inner) {
    MaskLine<kMirrored>(job, from, job.line, mask);
    InverseLine(plan, job.line);
  } else {
    WithRadixAndEdge(LastRadix(plan), ring.row_edge, [&](auto radix, auto edge) {
      MaskBeforePass<radix, edge, kMirrored>(plan.length, from, job.line, mask);
    });
    InverseStages(plan, 0, plan.stage_count - 1, job.line);
  }
  StoreRows(job, block, job.line);
}

/// The column of lanes that begins at `x` and runs past the right side, into `to`: it goes on at
/// the left side when the image was turned, else with zeros. A vector that starts at `x` holds the
/// beginning of the next row too.
void CopyEdge(const PairJob& job, const float* from, int x, float* to) {
  const std::ptrdiff_t cols = job.cols;
  const int right = job.cols - x;
  const Mask own = LanesBelow(right);
  const bool turned = Turnable(job);
  const auto copy_pixels = [&](std::ptrdiff_t y) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const float beyond = turned ? from[y * cols + (lane - right + job.cols) % job.cols] : 0;
      to[y * kLanes + lane] = lane < right ? from[y * cols + x + lane] : beyond;
    }
  };
  copy_pixels(0);
  std::ptrdiff_t y = 1;
  // Rows of an image narrower than a vector are several to a load: the last of them would leave the
  // image.
  for (; y * cols + x + kLanes <= job.rows * cols; ++y) {
    const float* here = from + y * cols + x;
    StoreAligned(to + y * kLanes, own ? Load(here) : turned ? Load(here - cols) : Vector{});
  }
  for (; y < job.rows; ++y) copy_pixels(y);
}

PixelColumn ColumnAt(const PairJob& job, int image, int x) {
  if (x + kLanes <= job.cols) return {job.from[image] + x, job.cols};
  float* edge = job.edge + static_cast<std::ptrdiff_t>(image) * job.rows * kLanes;
  CopyEdge(job, job.from[image], x, edge);
  return {edge, kLanes};
}

void ForwardColumns(const PairJob& job) {
  const int start = StartOf(job);
  for (int at = 0; at < job.cols; at += kLanes) {
    const int x = start + at < job.cols ? start + at : start + at - job.cols;
    PixelLoader pixels{};
    for (int image = 0; image < 2; ++image) {
      pixels.image[image] = ColumnAt(job, image, x);
      pixels.scale[image] = Broadcast(job.levels[image].scale);
      pixels.offset[image] = Broadcast(job.levels[image].offset);
    }
    ForwardColumn(job, pixels, job.spectrum + 2 * at);
  }
}

/// Whether every output may be stored past the caches: on cache lines, and not over its own source.
bool MayPassCache(const PairJob& job) {
  if (!Turnable(job)) return false;
  const auto place = [](const float* to) {
    return reinterpret_cast<std::uintptr_t>(to) / sizeof(float) % kMostTurned;
  };
  for (int r = 0; r < job.ring_count; ++r) {
    for (int i = 0; i < job.rings[r].output_count; ++i) {
      const RingOutput& output = job.rings[r].outputs[i];
      for (int image = 0; image < 2; ++image) {
        if (place(output.to[image]) != place(job.rings[0].outputs[0].to[0]) ||
            output.to[image] == job.from[image]) {
          return false;
        }
      }
    }
  }
  return true;
}

void InverseColumns(const PairJob& job, const Ring& ring, bool past_cache) {
  const int start = StartOf(job);
  ColumnGroup group{&ring, 0, 0};
  for (int at = 0; at < job.cols; at += kLanes) {
    const int x = start + at < job.cols ? start + at : start + at - job.cols;
    if (group.count == 0) group.x = x;
    InverseColumn(job, ring, job.spectrum + 2 * at, job.staged + group.count * job.staged_stride);
    group.count += 1;
    // A column that runs past the right side goes out alone.
    if (group.count < kGroup && x + 2 * kLanes <= job.cols && at + kLanes < job.cols) continue;
    const RowStore store(job, group);
    past_cache ? store.Send<PastCache>() : store.Send<ToCache>();
    group.count = 0;
  }
}

/// A ring that passes nothing leaves only the direct part.
void WriteDirect(const PairJob& job, const RingOutput& output) {
  const auto bytes =
      static_cast<std::size_t>(job.rows) * static_cast<std::size_t>(job.cols) * sizeof(float);
  for (int image = 0; image < 2; ++image) {
    if (output.direct == 0) {
      std::memset(output.to[image], 0, bytes);
    } else if (output.to[image] != job.from[image]) {
      std::memcpy(output.to[image], job.from[image], bytes);
    }
  }
}

void FilterPair(const PairJob& job) {
  if (job.first_block < job.end_block) ForwardColumns(job);
  if (job.ring_count > 1) {
    for (int block = job.first_block; block < job.end_block; ++block) {
      float* line = TransformedRows(job, block);
      LoadRows(job, block, line);
      ForwardLine(job.row_plan, line);
    }
  }
  const bool past_cache = MayPassCache(job);
  for (int r = 0; r < job.ring_count; ++r) {
    const Ring& ring = job.rings[r];
    if (ring.first_block >= ring.end_block) {
      for (int i = 0; i < ring.output_count; ++i) WriteDirect(job, ring.outputs[i]);
      continue;
    }
    for (int block = ring.first_block; block < ring.end_block; ++block) {
      if (job.ring_count > 1) {
        job.mirrored ? MaskRows<true>(job, ring, block) : MaskRows<false>(job, ring, block);
      } else {
        job.mirrored ? FilterRows<true>(job, ring, block) : FilterRows<false>(job, ring, block);
      }
    }
    InverseColumns(job, ring, past_cache);
  }
  FinishStreaming();
}

}  // namespace

extern const PairFilterCode AUDIT_NAME(kPairFilter);
const PairFilterCode AUDIT_NAME(kPairFilter) = {kLanes, FindLevels, FilterPair};

}  // namespace audit
