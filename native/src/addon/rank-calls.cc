#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/exports.h"
#include "addon/handle.h"
#include "addon/promise-worker.h"
#include "ranks/bootstrap-plan.h"
#include "ranks/bootstrap.h"
#include "ranks/score-order.h"
#include "ranks/stratified-auc.h"

namespace audit {

template <>
inline constexpr napi_type_tag kHandleTag<ScoreOrder> = {0x9d2f6c1b7a4e4f0d, 0x8c31b5e2d7f60a94};
template <>
inline constexpr napi_type_tag kHandleTag<PlannedBootstrap> = {0x3b7e15f9c8d24a61,
                                                               0xa5084d6e9f13c72b};

namespace {

using Order = std::shared_ptr<const ScoreOrder>;
using Worker = PromiseWorker<std::function<void()>>;

/// Sorts the column at `index`, scores of either width.
std::function<ScoreOrder()> SortOf(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array) {
    return
        [scores = std::span<const double>(DoublesAt(info, index))] { return SortScores(scores); };
  }
  return [scores = std::span<const float>(FloatsAt(info, index))] { return SortScores(scores); };
}

/// A column that was sorted before, or that the call sorts first.
std::function<Order()> OrderAt(const Napi::CallbackInfo& info, std::size_t index) {
  if (info[index].IsExternal()) {
    return [order = Order(SharedOf<ScoreOrder>(info[index], index))] { return order; };
  }
  return [sort = SortOf(info, index)] { return std::make_shared<const ScoreOrder>(sort()); };
}

/// Strata of either width and their count from `index` on.
Truth StrataAt(const Napi::CallbackInfo& info, std::size_t index) {
  Truth truth;
  const Napi::Value value = info[index];
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint16_array) {
    truth.strata16 = SpanAt<Napi::Uint16Array, std::uint16_t>(info, index, napi_uint16_array);
  } else {
    truth.strata32 = WordsAt(info, index);
  }
  truth.stratum_count = CountAt(info, index + 1);
  return truth;
}

/// Labels, strata and their count from `index` on.
Truth TruthAt(const Napi::CallbackInfo& info, std::size_t index) {
  Truth truth = StrataAt(info, index + 1);
  truth.labels = BytesAt(info, index);
  return truth;
}

std::vector<Napi::Object> Keep(const Napi::CallbackInfo& info,
                               std::initializer_list<std::size_t> indices) {
  std::vector<Napi::Object> keep;
  for (const std::size_t index : indices) {
    // Handles keep themselves.
    if (!info[index].IsExternal()) keep.push_back(info[index].As<Napi::Object>());
  }
  return keep;
}

void RequireRoom(std::size_t length, std::size_t expected) {
  if (length == expected) return;
  throw KernelError(ErrorCode::kBadBufferLength, "Expected room for " + std::to_string(expected) +
                                                     " numbers, got " + std::to_string(length) +
                                                     "; call through native/index.ts");
}

template <class Number>
Napi::Value Copied(Napi::Env env, const std::vector<Number>& numbers) {
  auto array = Napi::Uint32Array::New(env, numbers.size());
  std::ranges::copy(numbers, array.Data());
  return array;
}

}  // namespace

Napi::Value SortScoresCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto sort = SortOf(info, 0);
    const auto order = std::make_shared<ScoreOrder>();
    const std::size_t rows = info[0].As<Napi::TypedArray>().ElementLength();
    auto keep = Keep(info, {0});
    // The promise resolves to the handle: until then nobody else has it.
    keep.insert(keep.begin(), NewHandle(info.Env(), order, rows * 5).As<Napi::Object>());
    return Worker::Run(info.Env(), keep, [=] { *order = sort(); });
  });
}

Napi::Value ReadOrderCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto order = SharedOf<ScoreOrder>(info[0], 0);
    const auto rows = WordsAt(info, 1);
    const auto tied = BytesAt(info, 2);
    RequireRoom(rows.size(), order->rows.size());
    RequireRoom(tied.size(), order->rows.size());
    std::ranges::copy(order->rows, rows.begin());
    std::ranges::transform(order->ends, tied.begin(), [](std::uint8_t ends) { return 1 - ends; });
    return info.Env().Undefined();
  });
}

Napi::Value MissingRowsCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto order = SharedOf<ScoreOrder>(info[0], 0);
    auto missing = Napi::Uint32Array::New(info.Env(), order->missing.size());
    std::ranges::copy(order->missing, missing.Data());
    return missing;
  });
}

Napi::Value StratifiedAucCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto order = OrderAt(info, 0);
    const Truth truth = TruthAt(info, 1);
    const auto output = DoublesAt(info, 4);
    RequireRoom(output.size(), 6 * truth.stratum_count);
    return Worker::Run(info.Env(), Keep(info, {4, 0, 1, 2}), [=] {
      double* to = output.data();
      for (const AucCell& cell : StratifiedAuc(*order(), truth)) {
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
    const auto first = OrderAt(info, 0), second = OrderAt(info, 1);
    const Truth truth = TruthAt(info, 2);
    const auto output = DoublesAt(info, 5);
    RequireRoom(output.size(), 8 * truth.stratum_count);
    return Worker::Run(info.Env(), Keep(info, {5, 0, 1, 2, 3}), [=] {
      double* to = output.data();
      for (const PairedCell& cell : PairedAuc(*first(), *second(), truth)) {
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
    const auto order = OrderAt(info, 0);
    const Truth truth = TruthAt(info, 1);
    const std::size_t stratum = CountAt(info, 4);
    const auto output = WordsAt(info, 5);
    const std::size_t run = truth.labels.size() + 1;
    RequireRoom(output.size(), 3 * run + 1);
    return Worker::Run(info.Env(), Keep(info, {5, 0, 1, 2}), [=] {
      const RocSteps steps = FindRocSteps(*order(), truth, stratum);
      std::ranges::copy(steps.false_positives, output.data());
      std::ranges::copy(steps.true_positives, output.data() + run);
      std::ranges::copy(steps.rows, output.data() + 2 * run);
      output[3 * run] = static_cast<std::uint32_t>(steps.rows.size());
    });
  });
}

Napi::Value PlanBootstrapCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsArray() || !info[1].IsArray()) RefuseArgument(0, "orders and their labels");
    const auto orders = info[0].As<Napi::Array>(), labels = info[1].As<Napi::Array>();
    if (orders.Length() != labels.Length()) RefuseArgument(1, "labels for every order");
    // Reading a list may run a getter, which may give away any array: before any is looked into.
    std::vector<Order> held;
    std::vector<Napi::Value> values;
    for (std::uint32_t i = 0, length = orders.Length(); i < length; ++i) {
      const Napi::Value order = orders.Get(i);
      held.push_back(SharedOf<ScoreOrder>(order, 0));
      values.push_back(labels.Get(i));
    }
    const Truth strata = StrataAt(info, 2);
    const auto patients = WordsAt(info, 4);
    const std::size_t patient_count = CountAt(info, 5);
    const auto plan = std::make_shared<PlannedBootstrap>();
    auto keep = Keep(info, {2, 4});
    std::vector<std::span<const std::uint8_t>> truths;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < held.size(); ++i) {
      truths.push_back(BytesOf(values[i], 1));
      keep.push_back(values[i].As<Napi::Object>());
      rows += held[i]->rows.size();
    }
    keep.insert(keep.begin(), NewHandle(info.Env(), plan, rows * 5).As<Napi::Object>());
    return Worker::Run(info.Env(), keep, [=] {
      std::vector<BootstrapColumn> columns;
      for (std::size_t i = 0; i < held.size(); ++i) columns.push_back({held[i].get(), truths[i]});
      *plan = PlanBootstrap(columns, strata, patients, patient_count);
    });
  });
}

Napi::Value ReadPlanCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto plan = SharedOf<PlannedBootstrap>(info[0], 0);
    auto read = Napi::Object::New(info.Env());
    read.Set("patientCount", static_cast<double>(plan->patient_count));
    read.Set("starts", Copied(info.Env(), plan->starts));
    read.Set("positivePatients", Copied(info.Env(), plan->positive_patients));
    read.Set("negativePatients", Copied(info.Env(), plan->negative_patients));
    return read;
  });
}

Napi::Value BootstrapAucCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto plan = SharedOf<PlannedBootstrap>(info[0], 0);
    const double seed = NumberAt(info, 1);
    if (!(std::abs(seed) < 9007199254740992.0)) RefuseArgument(1, "a safe whole number");
    const std::size_t from = CountAt(info, 2), to = CountAt(info, 3);
    const auto output = DoublesAt(info, 4);
    const int threads = ThreadsAt(info, 5);
    return Worker::Run(info.Env(), Keep(info, {4}), [=] {
      BootstrapAuc(plan->view(), static_cast<std::int64_t>(seed), from, to, output, threads);
    });
  });
}

}  // namespace audit
