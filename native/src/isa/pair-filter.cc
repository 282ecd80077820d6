// Compiled once per instruction set; see CMakeLists.txt.

#include "isa/pair-filter.h"

#include "isa/find-levels.h"
#include "isa/pixel-columns.h"
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

/// Back up the columns: spectrum rows to pixels.
template <class Writer>
void InverseColumnTo(const PairJob& job, const Ring& ring, const float* spectrum,
                     const Writer& write) {
  const LineView& plan = job.column_plan;
  const int last = plan.stage_count - 1;
  if (plan.inner) {
    for (int k = 0; k < plan.length; ++k) {
      StorePoint(job.line + k * kPoint, LoadPoint(spectrum + ring.sources[k]));
    }
    InverseLine(plan, job.line);
  } else {
    WithRadixAndEdge(LastRadix(plan), ring.column_edge, [&](auto radix, auto edge) {
      GatherFirst<radix, edge>(plan.length, job.line, spectrum, ring.sources);
    });
    InverseStages(plan, 1, last, job.line);
  }
  if (plan.inner || last < 1) {
    for (int y = 0; y < plan.length; ++y) write(y, LoadPoint(job.line + y * kPoint));
    return;
  }
  WithRadix(
      plan.stages[0].radix, [&](auto radix) __attribute__((always_inline)) {
        InverseBlock<radix>(
            plan.length / radix, plan.stages[0].twiddles,
            [&](int k) __attribute__((always_inline)) { return LoadPoint(job.line + k * kPoint); },
            write);
      });
}

template <class Destination>
void InverseColumn(const PairJob& job, const Ring& ring, const float* spectrum, int count,
                   const PixelWriter* writers) {
  if (count == 1 && ring.outputs[0].direct == 0) {
    InverseColumnTo(job, ring, spectrum, OneWriter<Destination>{writers[0]});
  } else {
    InverseColumnTo(job, ring, spectrum, ManyWriters<Destination>{count, writers});
  }
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

/// Where the columns of lanes start. A filter does not mind turning the image in a circle, so when
/// whole rows of vectors fit, the turn is chosen that puts every vector on its natural boundary:
/// one that straddles two cache lines costs twice.
int StartOf(const PairJob& job) {
  if (job.cols % kLanes != 0) return 0;
  const auto address =
      reinterpret_cast<std::uintptr_t>(job.rings[0].outputs[0].to[0]) / sizeof(float);
  return static_cast<int>((kLanes - address % kLanes) % kLanes);
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

Mask LanesBelow(int count) {
  Mask lane;
  for (int i = 0; i < kLanes; ++i) lane[i] = i;
  return lane < count;
}

/// The column of lanes that begins at `x` and runs past the right side, into `to`: it goes on at
/// the left side when the image was turned, else with zeros. A vector that starts at `x` holds the
/// beginning of the next row too.
void CopyEdge(const PairJob& job, const float* from, int x, float* to) {
  const std::ptrdiff_t cols = job.cols;
  const int right = job.cols - x;
  const Mask own = LanesBelow(right);
  const bool turned = cols % kLanes == 0;
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

void CopyEdgeBack(const PairJob& job, const float* from, int x, float* to) {
  const std::ptrdiff_t cols = job.cols;
  const int right = job.cols - x;
  const int left = cols % kLanes == 0 ? kLanes - right : 0;
  for (std::ptrdiff_t y = 0; y < job.rows; ++y) {
    std::memcpy(to + y * cols + x, from + y * kLanes,
                static_cast<std::size_t>(right) * sizeof(float));
    std::memcpy(to + y * cols, from + y * kLanes + right,
                static_cast<std::size_t>(left) * sizeof(float));
  }
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
    const int x = start + at;
    PixelLoader pixels{};
    for (int image = 0; image < 2; ++image) {
      pixels.image[image] = ColumnAt(job, image, x);
      pixels.scale[image] = Broadcast(job.levels[image].scale);
      pixels.offset[image] = Broadcast(job.levels[image].offset);
    }
    ForwardColumn(job, pixels, job.spectrum + 2 * at);
  }
}

/// Outputs written from one run of the inverse passes; more take another run.
constexpr int kMaxWriters = 4;

void InverseColumns(const PairJob& job, const Ring& ring, const RingOutput* outputs, int count) {
  const int start = StartOf(job);
  for (int at = 0; at < job.cols; at += kLanes) {
    const int x = start + at;
    const bool partial = x + kLanes > job.cols;
    const PixelColumn images[2] = {ColumnAt(job, 0, x), ColumnAt(job, 1, x)};
    PixelWriter writers[kMaxWriters];
    for (int i = 0; i < count; ++i) {
      for (int image = 0; image < 2; ++image) {
        const Levels& levels = job.levels[image];
        writers[i].image[image] = images[image];
        writers[i].to[image] = outputs[i].to[image] + x;
        writers[i].stride[image] = job.cols;
        if (partial) {
          writers[i].to[image] =
              job.edge + static_cast<std::ptrdiff_t>(2 + 2 * i + image) * job.rows * kLanes;
          writers[i].stride[image] = kLanes;
        }
        writers[i].gain[image] = Broadcast(outputs[i].gain * levels.inverse_scale);
        writers[i].offset[image] = Broadcast(outputs[i].brightness * levels.middle);
      }
      writers[i].direct = Broadcast(outputs[i].direct);
    }
    bool aligned = job.cols % kLanes == 0;
    for (int i = 0; i < count; ++i) {
      for (int image = 0; image < 2; ++image) {
        const float* to = writers[i].to[image];
        aligned = aligned && reinterpret_cast<std::uintptr_t>(to) % sizeof(Vector) == 0 &&
                  outputs[i].to[image] != job.from[image];
      }
    }
    if (aligned && !partial) {
      InverseColumn<PastCache>(job, ring, job.spectrum + 2 * at, count, writers);
    } else {
      InverseColumn<ToCache>(job, ring, job.spectrum + 2 * at, count, writers);
    }
    if (!partial) continue;
    for (int i = 0; i < count; ++i) {
      for (int image = 0; image < 2; ++image) {
        CopyEdgeBack(job, writers[i].to[image], x, outputs[i].to[image]);
      }
    }
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
    for (int i = 0; i < ring.output_count; i += kMaxWriters) {
      const int count = ring.output_count - i < kMaxWriters ? ring.output_count - i : kMaxWriters;
      InverseColumns(job, ring, ring.outputs + i, count);
    }
  }
  FinishStreaming();
}

}  // namespace

extern const PairFilterCode AUDIT_NAME(kPairFilter);
const PairFilterCode AUDIT_NAME(kPairFilter) = {kLanes, FindLevels, FilterPair};

}  // namespace audit
