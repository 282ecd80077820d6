#include "ranks/bootstrap.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/kernel-error.h"
#include "core/parallel.h"
#include "isa/kernel-table.h"

namespace audit {
namespace {

using std::size_t;

constexpr size_t kWays = kReplicates;

std::uint32_t Mix(std::uint32_t word) {
  word = (word ^ (word >> 16)) * 0x85ebca6bu;
  word = (word ^ (word >> 13)) * 0xc2b2ae35u;
  return word ^ (word >> 16);
}

/// The same numbers as compute/random.ts: xoshiro128** (Blackman & Vigna 2021,
/// doi:10.1145/3460772), its state a hash of seed and stream.
class RandomStream {
 public:
  RandomStream(std::int64_t seed, std::int64_t stream) {
    std::uint32_t hash = 0x9e3779b9u;
    // An arithmetic shift is the floor of the quotient, for negative seeds too.
    for (const std::int64_t word : {seed, seed >> 32, stream, stream >> 32}) {
      hash = Mix(hash ^ static_cast<std::uint32_t>(word));
    }
    a_ = Mix(hash + 0x9e3779b9u);
    b_ = Mix(hash + 0x3c6ef372u);
    c_ = Mix(hash + 0xdaa66d2bu);
    d_ = Mix(hash + 0x78dde6e4u) | 1u;
  }
  /// A whole number in [0, bound), each exactly as likely (Lemire 2019, doi:10.1145/3230636).
  std::uint32_t Below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{Next()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t unfair = static_cast<std::uint32_t>((std::uint64_t{1} << 32) % bound);
      while (static_cast<std::uint32_t>(product) < unfair) product = std::uint64_t{Next()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint32_t Next() {
    const auto rotate = [](std::uint32_t word, int by) {
      return (word << by) | (word >> (32 - by));
    };
    const std::uint32_t result = rotate(b_ * 5, 7) * 9;
    const std::uint32_t shifted = b_ << 9;
    c_ ^= a_;
    d_ ^= b_;
    b_ ^= c_;
    a_ ^= d_;
    c_ ^= shifted;
    d_ = rotate(d_, 11);
    return result;
  }
  std::uint32_t a_, b_, c_, d_;
};

using Weights = std::array<std::uint16_t, kWays>;

void DrawWeights(std::int64_t seed, size_t replicate, size_t way, std::vector<Weights>& weights) {
  RandomStream stream(seed, static_cast<std::int64_t>(replicate));
  const auto patients = static_cast<std::uint32_t>(weights.size());
  for (std::uint32_t draw = 0; draw < patients; ++draw) weights[stream.Below(patients)][way] += 1;
}

void Require(const BootstrapPlan& plan, size_t cells) {
  // A patient is drawn at most patient_count times, and 65,535 of 2^21 draws never fall on one.
  if (plan.patient_count > size_t{1} << 21) {
    throw KernelError(ErrorCode::kBadParameter, "Expected at most 2097152 patients; use DELONG");
  }
  const bool ascend =
      std::ranges::is_sorted(plan.starts) && plan.starts[cells] <= plan.patients.size();
  if (!ascend || plan.flags.size() != plan.patients.size()) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected cells that ascend inside the rows; plan them again");
  }
  const auto outside = [&](std::uint32_t patient) { return patient >= plan.patient_count; };
  if (std::ranges::any_of(plan.patients.first(plan.starts[cells]), outside)) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected patients below their count; number them again");
  }
}

}  // namespace

void BootstrapAuc(const BootstrapPlan& plan, std::int64_t seed, size_t from, size_t to,
                  std::span<double> results, int threads, InstructionSet instructions) {
  if (plan.starts.empty() || from > to || results.size() / (plan.starts.size()) > to - from) {
    throw KernelError(ErrorCode::kBadBufferLength,
                      "Expected a start per cell and one for the end; plan them again");
  }
  const size_t cells = plan.starts.size() - 1;
  if (cells == 0 || results.size() % cells != 0 || results.size() / cells != to - from) {
    throw KernelError(ErrorCode::kBadBufferLength,
                      "Expected a result for every cell and replicate");
  }
  Require(plan, cells);
  const WeightedAuc& code = WeightedAucOf(instructions);
  const size_t groups = (to - from + kWays - 1) / kWays;
  threads = std::clamp(threads, 1, kMaxThreads);
  std::vector<std::vector<Weights>> scratch(static_cast<size_t>(threads));
  ParallelFor(groups, threads, [&](int thread, size_t group) {
    auto& weights = scratch[static_cast<size_t>(thread)];
    weights.assign(plan.patient_count, Weights{});
    const size_t first = from + group * kWays;
    const size_t count = std::min(kWays, to - first);
    for (size_t way = 0; way < count; ++way) DrawWeights(seed, first + way, way, weights);
    std::array<double, kWays> aucs;
    for (size_t cell = 0; cell < cells; ++cell) {
      code.measure(plan.patients.data(), plan.flags.data(), plan.starts[cell],
                   plan.starts[cell + 1], weights.empty() ? nullptr : weights.front().data(),
                   aucs.data());
      for (size_t way = 0; way < count; ++way)
        results[(first - from + way) * cells + cell] = aucs[way];
    }
  });
}

}  // namespace audit
