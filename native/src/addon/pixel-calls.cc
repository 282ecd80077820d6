#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/exports.h"
#include "addon/pixel-steps.h"
#include "addon/promise-worker.h"
#include "core/large-pages.h"
#include "pixels/chain.h"
#include "pixels/features.h"

namespace audit {
namespace {

PixelSource SourceAt(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsTypedArray()) RefuseArgument(index, "a typed array");
  switch (value.As<Napi::TypedArray>().TypedArrayType()) {
    case napi_uint8_array:
      return std::span<const std::uint8_t>(BytesAt(info, index));
    case napi_uint16_array:
      return std::span<const std::uint16_t>(
          SpanAt<Napi::Uint16Array, std::uint16_t>(info, index, napi_uint16_array));
    default:
      return std::span<const float>(FloatsAt(info, index));
  }
}

/// Where an array lies, for telling whether two overlap.
std::pair<const char*, const char*> PlaceOf(const PixelSource& source) {
  return std::visit(
      [](const auto& span) {
        const auto bytes = std::as_bytes(span);
        const auto* first = reinterpret_cast<const char*>(bytes.data());
        return std::pair(first, first + bytes.size());
      },
      source);
}

}  // namespace

Napi::Value RunPixelChainCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    // Reading a list may run a getter, which may give away any array: before any is looked into.
    if (!info[5].IsArray()) RefuseArgument(5, "an array of bitmaps");
    const auto list = info[5].As<Napi::Array>();
    std::vector<Napi::Value> values;
    for (std::uint32_t i = 0, length = list.Length(); i < length; ++i) {
      values.push_back(list.Get(i));
      if (!values.back().IsTypedArray()) RefuseArgument(5, "an array of bitmaps");
    }
    std::vector<Napi::Object> keep = {info[7].As<Napi::Object>(), info[0].As<Napi::Object>()};
    std::vector<std::span<const std::uint8_t>> bitmaps;
    for (const Napi::Value& bitmap : values) {
      bitmaps.push_back(BytesOf(bitmap, 5));
      keep.push_back(bitmap.As<Napi::Object>());
    }
    const PixelSource source = SourceAt(info, 0);
    const ImageShape shape{CountAt(info, 1), CountAt(info, 2), CountAt(info, 3)};
    auto steps = ReadPixelSteps(DoublesAt(info, 4), bitmaps);
    const auto numbers = WordsAt(info, 6);
    keep.push_back(info[6].As<Napi::Object>());
    const auto output = FloatsAt(info, 7);
    const int threads = ThreadsAt(info, 8);
    const InstructionSet set = InstructionSetAt(info, 9);
    const auto [first, end] = PlaceOf(source);
    const auto [output_first, output_end] = PlaceOf(std::span<const float>(output));
    // Floats may be worked on where they are; words and bytes would be written over unread.
    const bool same =
        first == output_first && std::holds_alternative<std::span<const float>>(source);
    if (first < output_end && output_first < end && !same) {
      throw KernelError(ErrorCode::kBadParameter,
                        "Expected an output apart from the images; give another array");
    }
    // Over images of the caller's, who can change and free them as soon as this call returns.
    if (FlagAt(info, 10)) {
      RunPixelChain(source, shape, steps, numbers, output, threads, set);
      return info[7];
    }
    return PromiseWorker<std::function<void()>>::Run(
        info.Env(), keep, [=, steps = std::move(steps)] {
          RunPixelChain(source, shape, steps, numbers, output, threads, set);
        });
  });
}

Napi::Value AdviseLargePagesCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsTypedArray()) RefuseArgument(0, "a typed array");
    const auto array = info[0].As<Napi::TypedArray>();
    auto* data = static_cast<std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
    AdviseLargePages(data, array.ByteLength());
    return info.Env().Undefined();
  });
}

Napi::Value PixelFeaturesCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto images = FloatsAt(info, 0);
    const ImageShape shape{CountAt(info, 1), CountAt(info, 2), CountAt(info, 3)};
    const std::size_t bins = CountAt(info, 4);
    const auto low = static_cast<float>(NumberAt(info, 5)),
               high = static_cast<float>(NumberAt(info, 6));
    const auto output = FloatsAt(info, 7);
    const int threads = ThreadsAt(info, 8);
    return PromiseWorker<std::function<void()>>::Run(
        info.Env(), {info[7].As<Napi::Object>(), info[0].As<Napi::Object>()},
        [=] { PixelFeatures(images, shape, bins, low, high, output, threads); });
  });
}

}  // namespace audit
