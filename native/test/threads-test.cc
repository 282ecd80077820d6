// Many callers at once, each splitting its batch over threads, with plans that are shared and
// evicted: for the thread sanitiser, and for the answers, which must be those of one thread.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "check.h"
#include "core/kernel-error.h"
#include "core/parallel.h"
#include "filter/frequency-filter.h"
#include "pixels/chain.h"
#include "ranks/bootstrap-plan.h"
#include "ranks/bootstrap.h"
#include "ranks/stratified-auc.h"

namespace {

std::vector<float> Filtered(std::size_t side, int threads) {
  const std::size_t count = 5;
  std::vector<float> images(count * side * side);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i * 7919 % 1000);
  const audit::FrequencyFilter filter{audit::FilterKind::kNotch, 0.5,
                                      0.5 + static_cast<double>(side) / 3};
  audit::FilterFrequencies(images, {count, side, side}, {&filter, 1}, images, threads);
  return images;
}

std::vector<float> Chained(int threads) {
  std::vector<float> images(6 * 20 * 20, 0.5f), output(6 * 9 * 9);
  const audit::PixelStep steps[] = {audit::NoiseStep{0.1f, 7}, audit::BlurStep{1.5},
                                    audit::ResizeStep{9, 9, true}};
  audit::RunPixelChain(std::span<const float>(images), {6, 20, 20}, steps, {}, output, threads);
  return output;
}

std::vector<double> Resampled(int threads) {
  const std::vector<std::uint32_t> starts{0, 6, 12}, patients{0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0};
  const std::vector<std::uint8_t> flags{0, 1, 2, 1, 0, 1, 1, 0, 1, 3, 0, 1};
  std::vector<double> results(2 * 100);
  audit::BootstrapAuc({starts, patients, flags, 6}, 42, 0, 100, results, threads);
  for (double& result : results) result = result == result ? result : -1;
  return results;
}

/// An order that JavaScript holds, and several calls read at once.
class Shared {
 public:
  Shared() {
    std::vector<float> scores(300);
    for (std::size_t row = 0; row < scores.size(); ++row) {
      scores[row] = static_cast<float>(row * 7919 % 101);
      labels_.push_back(static_cast<std::uint8_t>(row % 2));
      patients_.push_back(static_cast<std::uint32_t>(row % 40));
    }
    order_ = audit::SortScores(std::span<const float>(scores));
    const audit::BootstrapColumn column{&order_, labels_};
    plan_ = audit::PlanBootstrap({&column, 1}, truth(), patients_, 40);
  }
  std::vector<double> Read(int threads) const {
    std::vector<double> numbers(50);
    audit::BootstrapAuc(plan_.view(), 42, 0, 50, numbers, threads);
    for (const auto& cell : audit::StratifiedAuc(order_, truth())) {
      numbers.push_back(cell.auc);
      numbers.push_back(cell.variance);
    }
    return numbers;
  }

 private:
  audit::Truth truth() const { return {labels_, {}, {}, 1}; }
  std::vector<std::uint8_t> labels_;
  std::vector<std::uint32_t> patients_;
  audit::ScoreOrder order_;
  audit::PlannedBootstrap plan_;
};

/// An exception of any thread ends the work, and is thrown again to the caller.
void CheckFailures() {
  for (const int threads : {1, 4}) {
    std::atomic<int> done = 0;
    bool thrown = false;
    try {
      audit::ParallelFor(100'000, threads, [&](int, std::size_t item) {
        if (item == 37) throw audit::KernelError(audit::ErrorCode::kTooLarge, "here");
        // The others take long enough for the one that throws to come to it, however the system shares its processors.
        if (item > 37) std::this_thread::sleep_for(std::chrono::microseconds(20));
        done += 1;
      });
    } catch (const audit::KernelError& error) {
      thrown = error.code() == audit::ErrorCode::kTooLarge;
    }
    CHECK(thrown);
    CHECK(done < 99'999);
  }
}

}  // namespace

int main() {
  CheckFailures();
  std::vector<std::vector<float>> expected;
  // More lengths than the cache of plans keeps.
  for (std::size_t side = 1; side <= 70; ++side) expected.push_back(Filtered(side, 1));
  const auto chained = Chained(1);
  const auto resampled = Resampled(1);
  const Shared shared;
  const auto read = shared.Read(1);
  std::vector<std::jthread> callers;
  for (std::size_t caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (std::size_t i = 0; i < 700; ++i) {
        const std::size_t side = 1 + (i + caller * 13) % 70;
        CHECK(Filtered(side, 3) == expected[side - 1]);
        CHECK(Chained(3) == chained);
        CHECK(Resampled(3) == resampled);
        CHECK(shared.Read(2) == read);
      }
    });
  }
}
