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

/// The states of compute/random.ts: xoshiro128**'s is a hash of seed and stream.
void Seed(std::int64_t seed, size_t replicate, size_t way, ReplicateStreams& streams) {
  const auto stream = static_cast<std::int64_t>(replicate);
  std::uint32_t hash = 0x9e3779b9u;
  // An arithmetic shift is the floor of the quotient, for negative seeds too.
  for (const std::int64_t word : {seed, seed >> 32, stream, stream >> 32}) {
    hash = Mix(hash ^ static_cast<std::uint32_t>(word));
  }
  streams.words[0][way] = Mix(hash + 0x9e3779b9u);
  streams.words[1][way] = Mix(hash + 0x3c6ef372u);
  streams.words[2][way] = Mix(hash + 0xdaa66d2bu);
  streams.words[3][way] = Mix(hash + 0x78dde6e4u) | 1u;
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
  std::vector<std::vector<std::uint16_t>> scratch(static_cast<size_t>(threads));
  ParallelFor(groups, threads, [&](int thread, size_t group) {
    auto& weights = scratch[static_cast<size_t>(thread)];
    weights.resize(plan.patient_count * kWays);
    const size_t first = from + group * kWays;
    const size_t count = std::min(kWays, to - first);
    ReplicateStreams streams;
    for (size_t way = 0; way < kWays; ++way) Seed(seed, first + way, way, streams);
    code.draw(&streams, static_cast<std::uint32_t>(plan.patient_count), weights.data());
    std::array<double, kWays> aucs;
    for (size_t cell = 0; cell < cells; ++cell) {
      code.measure(plan.patients.data(), plan.flags.data(), plan.starts[cell],
                   plan.starts[cell + 1], weights.data(), aucs.data());
      for (size_t way = 0; way < count; ++way)
        results[(first - from + way) * cells + cell] = aucs[way];
    }
  });
}

}  // namespace audit
