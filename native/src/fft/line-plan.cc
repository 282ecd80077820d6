#include "fft/line-plan.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <list>
#include <map>
#include <mutex>
#include <numbers>
#include <utility>

namespace audit {
namespace {

struct RadixCost {
  int radix;
  /// Arithmetic and memory traffic of one pass per point, relative to radix 4.
  double cost;
};

// The radices that the passes are compiled for, in isa/line-transform.h.
constexpr RadixCost kRadices[] = {
    {2, 0.75}, {3, 0.95}, {4, 1.0},  {5, 1.25}, {7, 1.6},
    {8, 1.2},  {10, 1.5}, {14, 1.8}, {16, 1.5}, {20, 1.85},
};

struct Split {
  double cost;
  std::vector<int> radices;
};

/// The cheapest product of radices that makes `length`, or none.
const Split* FindSplit(int length, std::map<int, Split>& known) {
  if (const auto found = known.find(length); found != known.end()) return &found->second;
  Split best{HUGE_VAL, {}};
  for (const auto [radix, cost] : kRadices) {
    if (length % radix != 0) continue;
    const Split* rest = length == radix ? nullptr : FindSplit(length / radix, known);
    if (length != radix && rest->radices.empty()) continue;
    const double total = cost + (rest ? rest->cost : 0);
    if (total >= best.cost) continue;
    best.cost = total;
    best.radices = rest ? rest->radices : std::vector<int>{};
    best.radices.push_back(radix);
  }
  // The last pass is the one that skips unwanted frequencies, so it has the most points.
  std::ranges::sort(best.radices);
  return &known.emplace(length, std::move(best)).first->second;
}

std::vector<int> SplitIntoRadices(int length, double* cost = nullptr) {
  if (length == 1) return {1};
  std::map<int, Split> known;
  const Split* split = FindSplit(length, known);
  if (cost) *cost = split->cost;
  return split->radices;
}

/// The length of at least `least` whose convolution is cheapest.
int ConvolutionLength(int least) {
  int best = 0;
  double best_work = HUGE_VAL;
  for (int length = least; length < 2 * least + 2; ++length) {
    double cost = 0;
    if (SplitIntoRadices(length, &cost).empty()) continue;
    if (const double work = cost * length; work < best_work) {
      best_work = work;
      best = length;
    }
  }
  return best;
}

std::complex<double> UnitRoot(std::int64_t step, std::int64_t count) {
  const double angle =
      2 * std::numbers::pi * static_cast<double>(step % count) / static_cast<double>(count);
  return {std::cos(angle), std::sin(angle)};
}

void Append(std::vector<float>& pairs, std::complex<double> value) {
  pairs.push_back(static_cast<float>(value.real()));
  pairs.push_back(static_cast<float>(value.imag()));
}

}  // namespace

LinePlan::LinePlan(int length) {
  view_.length = length;
  const std::vector<int> radices = SplitIntoRadices(length);
  if (radices.empty()) {
    PlanConvolution();
  } else {
    PlanStages(radices);
  }
}

void LinePlan::PlanStages(const std::vector<int>& radices) {
  const int length = view_.length;
  int block = length;
  for (const int radix : radices) {
    std::vector<float> twiddles;
    for (int p = 0; p < block / radix; ++p) {
      for (int k = 1; k < radix; ++k) {
        Append(twiddles, std::conj(UnitRoot(static_cast<std::int64_t>(p) * k, block)));
      }
    }
    twiddles_.push_back(std::move(twiddles));
    stages_.push_back({radix, block, nullptr});
    block /= radix;
  }
  for (std::size_t i = 0; i < stages_.size(); ++i) stages_[i].twiddles = twiddles_[i].data();
  frequency_.resize(static_cast<std::size_t>(length));
  for (int position = 0; position < length; ++position) {
    int frequency = 0, weight = 1, rest = position;
    for (const auto& stage : stages_) {
      const int part = stage.length / stage.radix;
      frequency += weight * (rest / part);
      rest %= part;
      weight *= stage.radix;
    }
    frequency_[static_cast<std::size_t>(position)] = frequency;
  }
  view_.buffer_length = length;
  view_.stage_count = static_cast<int>(stages_.size());
  view_.stages = stages_.data();
  view_.frequency = frequency_.data();
}

void LinePlan::PlanConvolution() {
  const int length = view_.length;
  inner_ = std::make_unique<LinePlan>(ConvolutionLength(2 * length - 1));
  const int inner = inner_->view_.length;
  std::vector<std::complex<double>> kernel(static_cast<std::size_t>(inner));
  for (int j = 0; j < length; ++j) {
    // j^2 / 2n of a turn, with the whole turns taken off before rounding.
    const auto root =
        UnitRoot(static_cast<std::int64_t>(j) * j, 2 * static_cast<std::int64_t>(length));
    Append(chirp_, std::conj(root));
    kernel[static_cast<std::size_t>(j)] = root;
    if (j > 0) kernel[static_cast<std::size_t>(inner - j)] = root;
  }
  // In double, through the same passes' factorisation, so the plan costs O(n log n) here too.
  std::vector<std::complex<double>> spectrum(kernel);
  for (int s = 0; s < inner_->view_.stage_count; ++s) {
    const auto [radix, block, unused] = inner_->view_.stages[s];
    const int part = block / radix;
    std::vector<std::complex<double>> roots(static_cast<std::size_t>(block));
    for (int i = 0; i < block; ++i)
      roots[static_cast<std::size_t>(i)] = std::conj(UnitRoot(i, block));
    std::vector<std::complex<double>> line(static_cast<std::size_t>(radix));
    for (int first = 0; first < inner; first += block) {
      for (int p = 0; p < part; ++p) {
        const auto at = [&](int k) -> std::complex<double>& {
          return spectrum[static_cast<std::size_t>(first + p + part * k)];
        };
        for (int k = 0; k < radix; ++k) line[static_cast<std::size_t>(k)] = at(k);
        for (int k = 0; k < radix; ++k) {
          std::complex<double> sum = 0;
          for (int n = 0; n < radix; ++n) {
            sum += line[static_cast<std::size_t>(n)] *
                   roots[static_cast<std::size_t>((n * k % radix) * part)];
          }
          at(k) = sum * roots[static_cast<std::size_t>(p * k)];
        }
      }
    }
  }
  for (const auto& value : spectrum) Append(chirp_spectrum_, value / static_cast<double>(inner));
  frequency_.resize(static_cast<std::size_t>(length));
  for (int k = 0; k < length; ++k) frequency_[static_cast<std::size_t>(k)] = k;
  view_.buffer_length = inner;
  view_.frequency = frequency_.data();
  view_.inner = &inner_->view_;
  view_.chirp = chirp_.data();
  view_.chirp_spectrum = chirp_spectrum_.data();
}

std::shared_ptr<const LinePlan> FindLinePlan(int length) {
  struct Cache {
    std::mutex guard;
    std::list<std::pair<int, std::shared_ptr<const LinePlan>>> plans;
  };
  // Never destroyed: a pool thread may still ask while the process exits.
  static Cache& cache = *new Cache;
  constexpr std::size_t kept = 64;
  const auto find = [&]() -> std::shared_ptr<const LinePlan> {
    const auto found =
        std::ranges::find(cache.plans, length, [](const auto& entry) { return entry.first; });
    if (found == cache.plans.end()) return nullptr;
    cache.plans.splice(cache.plans.begin(), cache.plans, found);
    return found->second;
  };
  {
    const std::lock_guard lock(cache.guard);
    if (auto plan = find()) return plan;
  }
  auto made = std::make_shared<const LinePlan>(length);
  const std::lock_guard lock(cache.guard);
  if (auto plan = find()) return plan;
  cache.plans.emplace_front(length, made);
  if (cache.plans.size() > kept) cache.plans.pop_back();
  return made;
}

}  // namespace audit
