#include <algorithm>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/exports.h"
#include "addon/promise-worker.h"
#include "ranks/bootstrap.h"
#include "ranks/stratified-auc.h"

namespace audit {
namespace {

/// Scores of either width at `scores`; labels, strata and their count from `labels` on.
RankedRows RowsAt(const Napi::CallbackInfo& info, std::size_t scores, std::size_t labels) {
  RankedRows rows{};
  const Napi::Value value = info[scores];
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array) {
    rows.scores64 = DoublesAt(info, scores);
  } else {
    rows.scores32 = FloatsAt(info, scores);
  }
  rows.labels = BytesAt(info, labels);
  rows.strata = WordsAt(info, labels + 1);
  rows.stratum_count = CountAt(info, labels + 2);
  return rows;
}

std::vector<Napi::Object> Keep(const Napi::CallbackInfo& info,
                               std::initializer_list<std::size_t> indices) {
  std::vector<Napi::Object> keep;
  for (const std::size_t index : indices) keep.push_back(info[index].As<Napi::Object>());
  return keep;
}

void RequireRoom(std::span<double> output, std::size_t expected) {
  if (output.size() == expected) return;
  throw KernelError(ErrorCode::kBadBufferLength,
                    "Expected room for " + std::to_string(expected) + " numbers, got " +
                        std::to_string(output.size()) + "; call through native/index.ts");
}

}  // namespace

Napi::Value StratifiedAucCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const RankedRows rows = RowsAt(info, 0, 1);
    const auto output = DoublesAt(info, 4);
    RequireRoom(output, 6 * rows.stratum_count);
    return PromiseWorker<std::function<void()>>::Run(info.Env(), Keep(info, {4, 0, 1, 2}), [=] {
      double* to = output.data();
      for (const AucCell& cell : StratifiedAuc(rows)) {
        for (const std::uint64_t count :
             {cell.positives, cell.negatives, cell.missing_scores, cell.unknown_labels}) {
          *to++ = static_cast<double>(count);
        }
        *to++ = cell.auc;
        *to++ = cell.variance;
      }
    });
  });
}

Napi::Value PairedAucCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const RankedRows first = RowsAt(info, 0, 2), second = RowsAt(info, 1, 2);
    const auto output = DoublesAt(info, 5);
    RequireRoom(output, 8 * first.stratum_count);
    return PromiseWorker<std::function<void()>>::Run(info.Env(), Keep(info, {5, 0, 1, 2, 3}), [=] {
      double* to = output.data();
      for (const PairedCell& cell : PairedAuc(first, second)) {
        const double numbers[] = {static_cast<double>(cell.positives),
                                  static_cast<double>(cell.negatives),
                                  cell.auc_first,
                                  cell.auc_second,
                                  cell.variance_first,
                                  cell.variance_second,
                                  cell.covariance,
                                  cell.variance_of_difference};
        to = std::ranges::copy(numbers, to).out;
      }
    });
  });
}

Napi::Value RocStepsCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const RankedRows rows = RowsAt(info, 0, 1);
    const std::size_t stratum = CountAt(info, 4);
    const auto output = DoublesAt(info, 5);
    const std::size_t run = rows.size() + 1;
    RequireRoom(output, 3 * run + 1);
    return PromiseWorker<std::function<void()>>::Run(info.Env(), Keep(info, {5, 0, 1, 2}), [=] {
      const RocSteps steps = FindRocSteps(rows, stratum);
      std::ranges::copy(steps.false_positives, output.data());
      std::ranges::copy(steps.true_positives, output.data() + run);
      std::ranges::copy(steps.thresholds, output.data() + 2 * run);
      output[3 * run] = static_cast<double>(steps.thresholds.size());
    });
  });
}

Napi::Value BootstrapAucCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const BootstrapPlan plan{WordsAt(info, 0), WordsAt(info, 1), BytesAt(info, 2),
                             CountAt(info, 3)};
    const double seed = NumberAt(info, 4);
    if (!(std::abs(seed) < 9007199254740992.0)) RefuseArgument(4, "a safe whole number");
    const std::size_t from = CountAt(info, 5), to = CountAt(info, 6);
    const auto output = DoublesAt(info, 7);
    const int threads = ThreadsAt(info, 8);
    return PromiseWorker<std::function<void()>>::Run(info.Env(), Keep(info, {7, 0, 1, 2}), [=] {
      BootstrapAuc(plan, static_cast<std::int64_t>(seed), from, to, output, threads);
    });
  });
}

}  // namespace audit
