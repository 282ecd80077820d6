#include "pixels/chain.h"

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>

#include "core/aligned-buffer.h"
#include "core/kernel-error.h"
#include "core/parallel.h"
#include "isa/kernel-table.h"
#include "pixels/resample.h"
#include "pixels/value-chunk.h"

namespace audit {
namespace {

using std::size_t;

void Require(bool holds, const char* message) {
  if (!holds) throw KernelError(ErrorCode::kBadParameter, message);
}

/// A step with what it needs prepared, and the size of the images it gets.
struct PlannedStep {
  const PixelStep* step;
  size_t rows, cols;
  AxisWeights down, across;
  std::vector<float> gaussian;
  std::vector<PixelRun> runs;
};

template <class Step>
constexpr bool FillsPlannedRuns =
    std::is_same_v<Step, PatchStep> || std::is_same_v<Step, PatchesStep>;

template <class Step>
bool FillsValue(const Step& step) {
  if constexpr (requires { step.fill; }) return step.fill.kind == Fill::Kind::kValue;
  return false;
}

/// The chain prepared for one size of image: weights are made once for all images.
class Chain {
 public:
  Chain(const ImageShape& shape, std::span<const PixelStep> steps)
      : rows_(shape.rows), cols_(shape.cols) {
    count_ = shape.count;
    largest_ = rows_ * cols_;
    for (const PixelStep& step : steps) {
      Require(planes_ == nullptr, "Expected the copies into planes as the last step; move it");
      PlannedStep& planned =
          planned_.emplace_back(PlannedStep{&step, rows_, cols_, {}, {}, {}, {}});
      std::visit(
          [&](const auto& kind) {
            Plan(kind, planned);
            only_values_ = only_values_ && FillsValue(kind);
          },
          step);
      largest_ = std::max(largest_, rows_ * cols_);
    }
  }

  size_t planes() const { return planes_ ? planes_->planes.size() : 1; }
  size_t output_size() const { return planes() * rows_ * cols_; }
  bool keeps_place() const { return !resizes_ && planes_ == nullptr; }
  /// Every step puts a value in place of pixels.
  bool only_values() const { return only_values_; }

  struct Scratch {
    explicit Scratch(const Chain& chain)
        : one(chain.keeps_place() ? 0 : chain.largest_),
          other(chain.resizes_ ? chain.largest_ : 0),
          room(std::max(chain.room_, chain.only_values_ ? kChunk : 0)),
          runs(chain.planned_.size()) {}
    AlignedBuffer one, other, room;
    /// Per step, of those that differ from image to image.
    std::vector<std::vector<PixelRun>> runs;
    std::vector<const float*> rows;
  };

  void Run(const PixelRows& code, const PixelSource& source, size_t index, std::uint32_t number,
           float* output, Scratch& scratch) const {
    const PlannedStep* first = planned_.empty() ? nullptr : planned_.data();
    Image image{keeps_place() ? output : scratch.one.data(), first ? first->rows : rows_,
                first ? first->cols : cols_};
    float* spare = scratch.other.data();
    // A first step that only reads its image may read the source itself.
    const auto* floats = std::get_if<std::span<const float>>(&source);
    const bool borrows = floats && first && Moves(*first);
    if (borrows) {
      image.pixels = const_cast<float*>(floats->data() + index * image.size());
    } else {
      ReadImage(code, source, index, image);
    }
    for (const PlannedStep& planned : planned_) {
      auto& runs = scratch.runs[static_cast<size_t>(&planned - planned_.data())];
      float* const before = image.pixels;
      float* const to = &planned == &planned_.back() ? output : spare;
      const Progress at{code, planned,      index, number, image, to, scratch.room.data(),
                        runs, scratch.rows, output};
      std::visit([&](const auto& kind) { Apply(kind, at); }, *planned.step);
      if (image.pixels != before)
        spare = borrows && &planned == first ? scratch.one.data() : before;
    }
    if (resizes_ && planes_ == nullptr && image.pixels != output)
      std::copy_n(image.pixels, image.size(), output);
  }

  /// The same for a chain of mere values, into memory apart, in one pass.
  void Stream(const PixelRows& code, const float* from, size_t index, std::uint32_t number,
              float* to, Scratch& scratch) const {
    const size_t size = rows_ * cols_;
    for (size_t k = 0; k < planned_.size(); ++k) {
      if (const auto* random = std::get_if<RandomPatchStep>(planned_[k].step)) {
        const Patch patch =
            RandomPatch({nullptr, rows_, cols_}, random->rows, random->cols, random->seed, number);
        FindRuns({&patch, 1}, random->outside, rows_, cols_, scratch.runs[k]);
      }
    }
    for (size_t first = 0; first < size;) {
      // All that is alike goes at once; the next chunk begins on a cache line.
      const size_t alike = AlikeUntil(first, scratch);
      size_t end = std::max(alike, first + kChunk);
      end = end >= size ? size
                        : end - reinterpret_cast<std::uintptr_t>(to + end) / sizeof(float) % kLine;
      ValueChunk chunk{from, scratch.room.data(), first, end};
      for (size_t k = 0; k < planned_.size(); ++k) {
        std::visit(
            [&](const auto& step) {
              using Step = std::decay_t<decltype(step)>;
              if constexpr (std::is_same_v<Step, BitmapStep>) {
                chunk.Fill(BitmapOf(step, index, size), step.outside, step.fill.value);
              } else if constexpr (std::is_same_v<Step, RandomPatchStep>) {
                chunk.Fill(scratch.runs[k], step.fill.value);
              } else if constexpr (FillsPlannedRuns<Step>) {
                chunk.Fill(planned_[k].runs, step.fill.value);
              }
            },
            *planned_[k].step);
      }
      chunk.StreamTo(code, to + first);
      first = end;
    }
    code.finish_stream();
  }

 private:
  void Plan(const ScaleStep&, PlannedStep&) {}
  void Plan(const ClipStep& step, PlannedStep&) {
    Require(step.low <= step.high, "Expected a lower bound not above the upper; swap them");
  }
  void Plan(const NoiseStep& step, PlannedStep&) {
    Require(step.deviation >= 0, "Expected a deviation of 0 or more");
  }
  void Plan(const BlurStep& step, PlannedStep& planned) {
    Require(step.deviation >= 0 && step.deviation <= 1000,
            "Expected a deviation of 0 to 1000 pixels");
    planned.gaussian = GaussianWeights(step.deviation);
    room_ = std::max(room_, rows_ * cols_ + cols_ + 2 * planned.gaussian.size());
  }
  void Plan(const ResizeStep& step, PlannedStep& planned) {
    Require(step.rows >= 1 && step.cols >= 1 && step.rows <= kMaxSide && step.cols <= kMaxSide,
            "Expected sides of 1 to 32768 pixels");
    planned.down = BilinearWeights(rows_, step.rows, step.antialias);
    planned.across = BilinearWeights(cols_, step.cols, step.antialias);
    room_ = std::max(room_, ResampleRoom(cols_));
    SetSize(step.rows, step.cols);
  }
  void Plan(const StandardiseStep&, PlannedStep&) {}
  void Plan(const CropStep& step, PlannedStep&) {
    RequireInside(step.patch);
    SetSize(step.patch.rows, step.patch.cols);
  }
  void Plan(const PatchStep& step, PlannedStep& planned) {
    RequireInside(step.patch);
    FindRuns({&step.patch, 1}, step.outside, rows_, cols_, planned.runs);
  }
  void Plan(const PatchesStep& step, PlannedStep& planned) {
    Require(step.patches.size() <= kMostPatches, "Expected at most 256 patches a step; split them");
    for (const Patch& patch : step.patches) RequireInside(patch);
    FindRuns(step.patches, step.outside, rows_, cols_, planned.runs);
  }
  void Plan(const RandomPatchStep& step, PlannedStep&) {
    RequireInside({0, 0, step.rows, step.cols});
  }
  void Plan(const BitmapStep& step, PlannedStep&) {
    const size_t size = rows_ * cols_;
    if (step.bitmap.size() != size && step.bitmap.size() != size * count_) {
      throw KernelError(
          ErrorCode::kBadBufferLength,
          "Expected a bitmap of " + std::to_string(size) + " entries, or one for each image, got " +
              std::to_string(step.bitmap.size()) + "; make it for the size of that step");
    }
  }
  void Plan(const PlanesStep& step, PlannedStep&) {
    Require(!step.planes.empty() && step.planes.size() <= 16, "Expected 1 to 16 planes");
    planes_ = &step;
  }

  void RequireInside(const Patch& patch) const {
    // Compared as differences: row + rows could wrap around, rows - row cannot.
    const bool inside = patch.rows >= 1 && patch.cols >= 1 && patch.row <= rows_ &&
                        patch.rows <= rows_ - patch.row && patch.col <= cols_ &&
                        patch.cols <= cols_ - patch.col;
    if (inside) return;
    throw KernelError(ErrorCode::kBadParameter, "Expected a patch inside the image of " +
                                                    std::to_string(rows_) + " x " +
                                                    std::to_string(cols_) + "; cut it first");
  }
  void SetSize(size_t rows, size_t cols) {
    rows_ = rows;
    cols_ = cols;
    resizes_ = true;
  }

  static void ReadImage(const PixelRows& code, const PixelSource& source, size_t index,
                        Image image) {
    const size_t size = image.size(), at = index * size;
    if (const auto* bytes = std::get_if<std::span<const std::uint8_t>>(&source)) {
      code.from_bytes(bytes->data() + at, image.pixels, size);
    } else if (const auto* words = std::get_if<std::span<const std::uint16_t>>(&source)) {
      code.from_words(words->data() + at, image.pixels, size);
    } else if (const float* from = std::get<std::span<const float>>(source).data() + at;
               from != image.pixels) {
      std::copy_n(from, size, image.pixels);
    }
  }

  /// The first pixel from `first` on that some step of a chain of mere values treats otherwise.
  size_t AlikeUntil(size_t first, const Scratch& scratch) const {
    size_t until = rows_ * cols_;
    for (size_t k = 0; k < planned_.size(); ++k) {
      const PixelStep& step = *planned_[k].step;
      if (std::holds_alternative<BitmapStep>(step)) return first;
      const bool random = std::holds_alternative<RandomPatchStep>(step);
      const auto& runs = random ? scratch.runs[k] : planned_[k].runs;
      const auto run = std::ranges::upper_bound(runs, first, {}, &PixelRun::end);
      if (run != runs.end()) until = std::min(until, run->first > first ? run->first : run->end);
    }
    return until;
  }

  /// Whether a step leaves its image as it is and makes another.
  static bool Moves(const PlannedStep& planned) {
    return std::holds_alternative<ResizeStep>(*planned.step) ||
           std::holds_alternative<CropStep>(*planned.step);
  }

  /// Where one image stands on its way through the chain; a step that makes another image makes it
  /// at `to`.
  struct Progress {
    const PixelRows& code;
    const PlannedStep& planned;
    std::size_t index;
    std::uint32_t number;
    Image& image;
    float* to;
    float* room;
    std::vector<PixelRun>& runs;
    std::vector<const float*>& rows;
    float* output;
  };

  static void Apply(const ScaleStep& step, const Progress& at) {
    at.code.scale(at.image.pixels, at.image.pixels, at.image.size(), step.scale, step.offset);
  }
  static void Apply(const ClipStep& step, const Progress& at) {
    at.code.clip(at.image.pixels, at.image.size(), step.low, step.high);
  }
  static void Apply(const NoiseStep& step, const Progress& at) {
    AddNoise(at.code, at.image, step.deviation, {step.seed, at.number});
  }
  static void Apply(const BlurStep&, const Progress& at) {
    Blur(at.code, at.image, at.planned.gaussian, at.room, at.rows);
  }
  static void Apply(const ResizeStep& step, const Progress& at) {
    const Image to{at.to, step.rows, step.cols};
    Resample(at.code, at.image, at.planned.down, at.planned.across, to, at.room, at.rows);
    at.image = to;
  }
  static void Apply(const StandardiseStep&, const Progress& at) {
    const auto [mean, deviation] = MomentsOf(at.image);
    const double scale = deviation == 0 ? 0 : 1 / deviation;
    // The mean is taken off first: scaled apart, a bright image would lose its digits.
    at.code.scale(at.image.pixels, at.image.pixels, at.image.size(), 1, static_cast<float>(-mean));
    at.code.scale(at.image.pixels, at.image.pixels, at.image.size(), static_cast<float>(scale), 0);
  }
  static void Apply(const CropStep& step, const Progress& at) {
    const Patch& patch = step.patch;
    for (size_t y = 0; y < patch.rows; ++y) {
      std::copy_n(at.image.pixels + (patch.row + y) * at.image.cols + patch.col, patch.cols,
                  at.to + y * patch.cols);
    }
    at.image = {at.to, patch.rows, patch.cols};
  }
  static void Apply(const PatchStep& step, const Progress& at) {
    FillRuns(at.code, at.image, at.planned.runs, step.fill, at.number);
  }
  static void Apply(const PatchesStep& step, const Progress& at) {
    FillRuns(at.code, at.image, at.planned.runs, step.fill, at.number);
  }
  static void Apply(const RandomPatchStep& step, const Progress& at) {
    const Patch patch = RandomPatch(at.image, step.rows, step.cols, step.seed, at.number);
    FindRuns({&patch, 1}, step.outside, at.image.rows, at.image.cols, at.runs);
    FillRuns(at.code, at.image, at.runs, step.fill, at.number);
  }
  static std::span<const std::uint8_t> BitmapOf(const BitmapStep& step, size_t index, size_t size) {
    return step.bitmap.size() == size ? step.bitmap : step.bitmap.subspan(index * size, size);
  }
  static void Apply(const BitmapStep& step, const Progress& at) {
    const auto bitmap = BitmapOf(step, at.index, at.image.size());
    FillBitmap(at.code, at.image, bitmap, step.outside, step.fill, at.number);
  }
  static void Apply(const PlanesStep& step, const Progress& at) {
    float* output = at.output;
    for (const ScaleStep& plane : step.planes) {
      at.code.scale(at.image.pixels, output, at.image.size(), plane.scale, plane.offset);
      output += at.image.size();
    }
  }

  size_t rows_, cols_, count_ = 0;
  size_t largest_ = 0, room_ = 0;
  bool resizes_ = false, only_values_ = true;
  const PlanesStep* planes_ = nullptr;
  std::vector<PlannedStep> planned_;
};

size_t LengthOf(const PixelSource& source) {
  return std::visit([](const auto& pixels) { return pixels.size(); }, source);
}

}  // namespace

void RunPixelChain(const PixelSource& source, const ImageShape& shape,
                   std::span<const PixelStep> steps, std::span<const std::uint32_t> image_numbers,
                   std::span<float> output, int threads, InstructionSet instructions) {
  const size_t pixels = PixelsOf(shape);
  const Chain chain(shape, steps);
  const bool numbered = !image_numbers.empty();
  // Compared by division: count * output_size could wrap around.
  const bool fills = output.size() / chain.output_size() == shape.count &&
                     output.size() % chain.output_size() == 0;
  if (LengthOf(source) != pixels || !fills || (numbered && image_numbers.size() != shape.count)) {
    throw KernelError(
        ErrorCode::kBadBufferLength,
        "Expected " + std::to_string(pixels) + " pixels in, " +
            std::to_string(chain.output_size()) + " an image out and a number for each, got " +
            std::to_string(LengthOf(source)) + ", " + std::to_string(output.size()) +
            " in all and " + std::to_string(image_numbers.size()) + "; align them with the shape");
  }
  const auto* floats = std::get_if<std::span<const float>>(&source);
  Require(!floats || floats->empty() || floats->data() != output.data() || chain.keeps_place(),
          "Expected an output apart from images that change their size; give another array");
  const PixelRows& code = PixelRowsOf(instructions);
  const bool streams = floats && floats->data() != output.data() && chain.only_values();
  const int used = static_cast<int>(
      std::clamp<size_t>(shape.count, 1, static_cast<size_t>(std::clamp(threads, 1, kMaxThreads))));
  std::vector<std::unique_ptr<Chain::Scratch>> scratch(static_cast<size_t>(used));
  ParallelFor(shape.count, used, [&](int thread, size_t index) {
    auto& own = scratch[static_cast<size_t>(thread)];
    if (!own) own = std::make_unique<Chain::Scratch>(chain);
    const std::uint32_t number =
        numbered ? image_numbers[index] : static_cast<std::uint32_t>(index);
    float* const to = output.data() + index * chain.output_size();
    if (streams) {
      chain.Stream(code, floats->data() + index * chain.output_size(), index, number, to, *own);
    } else {
      chain.Run(code, source, index, number, to, *own);
    }
  });
}

}  // namespace audit
