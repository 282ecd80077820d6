#include <functional>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/exports.h"
#include "addon/promise-worker.h"
#include "filter/frequency-filter.h"

namespace audit {
namespace {

FilterKind KindOf(double number) {
  constexpr FilterKind kinds[] = {FilterKind::kLow, FilterKind::kHigh, FilterKind::kBand,
                                  FilterKind::kNotch};
  for (int i = 0; i < 4; ++i) {
    if (number == i) return kinds[i];
  }
  throw KernelError(ErrorCode::kBadParameter,
                    "Expected a filter kind of 0 to 3; call through native/index.ts");
}

}  // namespace

Napi::Value FilterFrequenciesCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto images = FloatsAt(info, 0);
    const ImageShape shape{CountAt(info, 1), CountAt(info, 2), CountAt(info, 3)};
    const auto numbers = DoublesAt(info, 4);
    const auto output = FloatsAt(info, 5);
    const int threads = ThreadsAt(info, 6);
    const InstructionSet set = InstructionSetAt(info, 7);
    std::vector<FrequencyFilter> filters;
    for (std::size_t i = 0; i + 2 < numbers.size(); i += 3) {
      filters.push_back({KindOf(numbers[i]), numbers[i + 1], numbers[i + 2]});
    }
    // Several outputs written over the pixels they are made from would be neither.
    const bool overlap = images.data() < output.data() + output.size() &&
                         output.data() < images.data() + images.size();
    if (overlap && (filters.size() != 1 || images.data() != output.data())) {
      throw KernelError(ErrorCode::kBadParameter,
                        "Expected an output apart from the images; give another array");
    }
    return PromiseWorker<std::function<void()>>::Run(
        info.Env(), {info[5].As<Napi::Object>(), info[0].As<Napi::Object>()},
        [=, filters = std::move(filters)] {
          FilterFrequencies(images, shape, filters, output, threads, set);
        });
  });
}

}  // namespace audit
