#include "ranks/score-order.h"

#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "core/kernel-error.h"

namespace audit {
namespace {

using std::size_t;

/// Unsigned numbers that sort as the floats do: negative floats order backwards, so all their bits
/// are flipped.
std::uint32_t KeyOf(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score == 0 ? 0.0f : score);
  return bits ^ ((bits >> 31) != 0 ? 0xffffffffu : 0x80000000u);
}
std::uint64_t KeyOf(double score) {
  const auto bits = std::bit_cast<std::uint64_t>(score == 0 ? 0.0 : score);
  return bits ^ ((bits >> 63) != 0 ? ~std::uint64_t{0} : std::uint64_t{1} << 63);
}

/// Keys travel with their rows, so that every read but the writes' is in order.
template <class Key>
struct Entry {
  Key key;
  std::uint32_t row;
};

constexpr int kDigit = 11;
constexpr size_t kBuckets = size_t{1} << kDigit;

template <class Key>
size_t DigitOf(Key key, int pass) {
  return static_cast<size_t>(key >> (pass * kDigit)) & (kBuckets - 1);
}

/// Stable, 11 bits a pass; a digit that all rows share is skipped.
template <class Key, size_t kPasses>
void RadixSort(RawArray<Entry<Key>>& entries,
               std::array<std::array<std::uint32_t, kBuckets>, kPasses>& counts) {
  RawArray<Entry<Key>> spare(entries.size());
  for (size_t pass = 0; pass < kPasses && entries.size() > 0; ++pass) {
    auto& places = counts[pass];
    const int digit = static_cast<int>(pass);
    if (places[DigitOf(entries[0].key, digit)] == entries.size()) continue;
    std::uint32_t place = 0;
    for (std::uint32_t& count : places) place += std::exchange(count, place);
    Entry<Key>* to = spare.data();
    for (const auto& entry : entries) to[places[DigitOf(entry.key, digit)]++] = entry;
    std::swap(entries, spare);
  }
}

template <class Score>
ScoreOrder Sort(std::span<const Score> scores) {
  using Key = decltype(KeyOf(Score{}));
  constexpr size_t passes = (sizeof(Key) * 8 + kDigit - 1) / kDigit;
  if (scores.size() > 0xfffffff0u) {
    throw KernelError(ErrorCode::kTooLarge, "Expected at most 4e9 rows; split the set");
  }
  ScoreOrder order;
  order.size = scores.size();
  RawArray<Entry<Key>> entries(scores.size());
  std::vector<std::uint32_t> missing;
  std::array<std::array<std::uint32_t, kBuckets>, passes> counts{};
  size_t present = 0;
  for (size_t row = 0; row < scores.size(); ++row) {
    if (scores[row] != scores[row]) {
      missing.push_back(static_cast<std::uint32_t>(row));
      continue;
    }
    const Key key = KeyOf(scores[row]);
    entries[present++] = {key, static_cast<std::uint32_t>(row)};
    for (size_t pass = 0; pass < passes; ++pass)
      counts[pass][DigitOf(key, static_cast<int>(pass))] += 1;
  }
  entries.Shorten(present);
  RadixSort<Key, passes>(entries, counts);
  order.rows = RawArray<std::uint32_t>(present);
  order.ends = RawArray<std::uint8_t>(present);
  for (size_t k = 0; k < present; ++k) order.rows[k] = entries[k].row;
  for (size_t k = 0; k + 1 < present; ++k) order.ends[k] = entries[k].key != entries[k + 1].key;
  if (present > 0) order.ends[present - 1] = 1;
  order.missing = RawArray<std::uint32_t>(missing.size());
  std::copy(missing.begin(), missing.end(), order.missing.begin());
  return order;
}

}  // namespace

ScoreOrder SortScores(std::span<const float> scores) { return Sort(scores); }
ScoreOrder SortScores(std::span<const double> scores) { return Sort(scores); }

}  // namespace audit
