// Compiled once per instruction set; see CMakeLists.txt.

#include "isa/pair-filter.h"

#include "isa/line-transform.h"

namespace audit {
namespace {

/// A strided view of one column of lanes: pixel (y, lane) at data + y * stride + lane.
struct PixelColumn {
  const float* data;
  std::ptrdiff_t stride;
};

/// What a scan of pixels has seen: the least, the most, and the largest bits without the sign.
struct Extremes {
  Vector least, most;
  Words bits;
  AUDIT_INLINE void Add(Vector value) {
    least = least < value ? least : value;
    most = most > value ? most : value;
    const Words shifted = reinterpret_cast<Words>(value) << 1;
    bits = bits > shifted ? bits : shifted;
  }
  AUDIT_INLINE void Add(const Extremes& other) {
    least = least < other.least ? least : other.least;
    most = most > other.most ? most : other.most;
    bits = bits > other.bits ? bits : other.bits;
  }
};

Levels FindLevels(const float* pixels, std::size_t count) {
  // Four scans side by side hide the latency of each.
  constexpr std::size_t ways = 4;
  const Extremes start{Broadcast(pixels[0]), Broadcast(pixels[0]), Words{}};
  Extremes seen[ways] = {start, start, start, start};
  std::size_t i = 0;
  for (; i + ways * kLanes <= count; i += ways * kLanes) {
    Unroll<ways>([&](auto way) __attribute__((always_inline)) {
      seen[way].Add(Load(pixels + i + way * kLanes));
    });
  }
  for (; i < count; ++i) seen[0].Add(Broadcast(pixels[i]));
  for (std::size_t way = 1; way < ways; ++way) seen[0].Add(seen[way]);
  float least = seen[0].least[0], most = seen[0].most[0];
  bool special = false;
  for (int lane = 0; lane < kLanes; ++lane) {
    least = seen[0].least[lane] < least ? seen[0].least[lane] : least;
    most = seen[0].most[lane] > most ? seen[0].most[lane] : most;
    // All exponent bits set: infinite, or not a number.
    special |= seen[0].bits[lane] >= 0xff000000u;
  }
  if (special) return {0, 0, 0, 0, false};
  const float middle = 0.5f * least + 0.5f * most;
  const float half = 0.5f * most - 0.5f * least;
  // A power of two near 1 / half, so scaling rounds nothing.
  std::uint32_t bits;
  std::memcpy(&bits, &half, 4);
  std::uint32_t power = bits >> 23;
  if (half == 0) power = 127;
  if (power < 1) power = 1;
  if (power > 253) power = 253;
  const std::uint32_t scale_bits = (254 - power) << 23, inverse_bits = power << 23;
  Levels levels{0, 0, middle, 0, true};
  std::memcpy(&levels.scale, &scale_bits, 4);
  std::memcpy(&levels.inverse_scale, &inverse_bits, 4);
  levels.offset = -middle * levels.scale;
  return levels;
}

/// Loads one pixel row of both images as complex numbers of the transform's scale.
struct PixelLoader {
  PixelColumn image[2];
  Vector scale[2], offset[2];
  AUDIT_INLINE Complex operator()(int y) const {
    return {Load(image[0].data + y * image[0].stride) * scale[0] + offset[0],
            Load(image[1].data + y * image[1].stride) * scale[1] + offset[1]};
  }
};

/// Last forward pass: of each group of kRadix frequencies, those within kEdge of either end, or
/// all.
template <int kRadix, int kEdge>
AUDIT_INLINE constexpr bool Wanted(int k) {
  return kEdge == 0 || 2 * kEdge >= kRadix || k < kEdge || k >= kRadix - kEdge;
}

template <int kRadix, int kEdge>
void ScatterLast(int length, const float* line, float* to, const std::ptrdiff_t* targets) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      x[n] = LoadPoint(line + (first + n) * kPoint);
    });
    Dft<kRadix, false>(x);
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      if constexpr (Wanted<kRadix, kEdge>(k)) StorePoint(to + targets[first + k], x[k]);
    });
  }
}

template <int kRadix, int kEdge>
void GatherFirst(int length, float* line, const float* from, const std::ptrdiff_t* sources) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      x[k] = Complex{};
      if constexpr (Wanted<kRadix, kEdge>(k)) x[k] = LoadPoint(from + sources[first + k]);
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// The mask of one block of spectrum rows, a row per lane.
struct RingMask {
  Words base, mirrored_base, span;
  const std::uint32_t* across;
  const std::uint32_t* mirrored_across;
  Vector pass, half;
  template <bool kMirrored>
  AUDIT_INLINE Vector At(int position) const {
    // Unsigned, so that one comparison asks for both bounds.
    const auto inside = base + BroadcastWord(across[position]) < span;
    if constexpr (!kMirrored) return inside ? pass : Vector{};
    const auto mirrored = mirrored_base + BroadcastWord(mirrored_across[position]) < span;
    return (inside ? half : Vector{}) + (mirrored ? half : Vector{});
  }
};

AUDIT_INLINE Complex operator*(Complex a, Vector factor) { return {a.re * factor, a.im * factor}; }

/// Last forward pass, mask and first inverse pass while the points are in registers.
template <int kRadix, int kEdge, bool kMirrored>
void MaskBetweenPasses(int length, float* line, const RingMask& mask) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      x[n] = LoadPoint(line + (first + n) * kPoint);
    });
    Dft<kRadix, false>(x);
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      if constexpr (Wanted<kRadix, kEdge>(k)) {
        x[k] = x[k] * mask.template At<kMirrored>(first + k);
      } else {
        x[k] = Complex{};
      }
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// Mask and first inverse pass, from stored spectra.
template <int kRadix, int kEdge, bool kMirrored>
void MaskBeforePass(int length, const float* from, float* line, const RingMask& mask) {
  for (int first = 0; first < length; first += kRadix) {
    Complex x[kRadix];
    Unroll<kRadix>([&](auto k) __attribute__((always_inline)) {
      x[k] = Complex{};
      if constexpr (Wanted<kRadix, kEdge>(k)) {
        x[k] = LoadPoint(from + (first + k) * kPoint) * mask.template At<kMirrored>(first + k);
      }
    });
    Dft<kRadix, true>(x);
    Unroll<kRadix>([&](auto n) __attribute__((always_inline)) {
      StorePoint(line + (first + n) * kPoint, x[n]);
    });
  }
}

/// Calls body(edge) with the edge as a compile-time constant.
template <class Body>
AUDIT_INLINE void WithEdge(int edge, Body body) {
  if (edge == 1) return body(std::integral_constant<int, 1>{});
  if (edge == 2) return body(std::integral_constant<int, 2>{});
  body(std::integral_constant<int, 0>{});
}

template <class Body>
AUDIT_INLINE void WithRadixAndEdge(int radix, int edge, Body body) {
  WithRadix(
      radix, [&](auto r) __attribute__((always_inline)) {
        WithEdge(
            edge, [&](auto e) __attribute__((always_inline)) { body(r, e); });
      });
}

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

/// How the pixels of an output are stored: at any address, or past the caches at aligned ones.
struct ToCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { Store(to, value); }
};
struct PastCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { StoreStreaming(to, value); }
};

struct PixelWriter {
  PixelColumn image[2];
  float* to[2];
  std::ptrdiff_t stride[2];
  Vector gain[2], offset[2];
  Vector direct;
  template <class Destination>
  AUDIT_INLINE void Write(int y, Complex value) const {
    Destination::Put(to[0] + y * stride[0], value.re * gain[0] + offset[0]);
    Destination::Put(to[1] + y * stride[1], value.im * gain[1] + offset[1]);
  }
  template <class Destination>
  AUDIT_INLINE void WriteWithDirect(int y, Complex value) const {
    const Vector first = Load(image[0].data + y * image[0].stride) * direct + offset[0];
    const Vector second = Load(image[1].data + y * image[1].stride) * direct + offset[1];
    Destination::Put(to[0] + y * stride[0], value.re * gain[0] + first);
    Destination::Put(to[1] + y * stride[1], value.im * gain[1] + second);
  }
};

/// Writes one line of points to the only output, which needs no pixels.
template <class Destination>
struct OneWriter {
  PixelWriter writer;
  AUDIT_INLINE void operator()(int y, Complex value) const {
    writer.template Write<Destination>(y, value);
  }
};

/// Writes one line of points to every output.
template <class Destination>
struct ManyWriters {
  int count;
  const PixelWriter* writers;
  AUDIT_INLINE void operator()(int y, Complex value) const {
    for (int i = 0; i < count; ++i) writers[i].template WriteWithDirect<Destination>(y, value);
  }
};

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

void LoadRows(const PairJob& job, int block, float* line) {
  const float* rows = job.spectrum + block * kLanes * job.row_stride;
  for (int x = 0; x < job.cols; x += kLanes) {
    TransposePoints(rows + 2 * x, job.row_stride, line + x * kPoint, kPoint);
  }
}

void StoreRows(const PairJob& job, int block, const float* line) {
  float* rows = job.spectrum + block * kLanes * job.row_stride;
  for (int x = 0; x < job.cols; x += kLanes) {
    TransposePoints(line + x * kPoint, kPoint, rows + 2 * x, job.row_stride);
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

/// Where the columns of lanes start. A filter does not mind turning the image in a circle, so when
/// whole rows of vectors fit, the turn is chosen that puts every vector on its natural boundary:
/// one that straddles two cache lines costs twice.
int StartOf(const PairJob& job) {
  if (job.cols % kLanes != 0) return 0;
  const auto address =
      reinterpret_cast<std::uintptr_t>(job.rings[0].outputs[0].to[0]) / sizeof(float);
  return static_cast<int>((kLanes - address % kLanes) % kLanes);
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
