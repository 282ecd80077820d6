#include "ranks/score-order.h"

#include <array>
#include <bit>
#include <string>
#include <utility>

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

template <class Key>
struct Entry {
  Key key;
  RankedRow row;
};

/// Stable sort by key, 11 bits a pass; a digit that all rows share is skipped.
template <class Key>
void RadixSort(std::vector<Entry<Key>>& entries) {
  constexpr int digit = 11;
  constexpr size_t buckets = size_t{1} << digit;
  constexpr int passes = (static_cast<int>(sizeof(Key)) * 8 + digit - 1) / digit;
  const auto digit_of = [](Key key, int pass) {
    return static_cast<size_t>(key >> (pass * digit)) & (buckets - 1);
  };
  std::vector<std::array<size_t, buckets>> counts(passes);
  for (const auto& entry : entries) {
    for (int pass = 0; pass < passes; ++pass)
      counts[static_cast<size_t>(pass)][digit_of(entry.key, pass)] += 1;
  }
  std::vector<Entry<Key>> spare(entries.size());
  for (int pass = 0; pass < passes; ++pass) {
    auto& places = counts[static_cast<size_t>(pass)];
    if (!entries.empty() && places[digit_of(entries[0].key, pass)] == entries.size()) continue;
    size_t place = 0;
    for (size_t& count : places) place += std::exchange(count, place);
    for (const auto& entry : entries) spare[places[digit_of(entry.key, pass)]++] = entry;
    entries.swap(spare);
  }
}

template <class Score>
ScoreOrder Sort(const RankedRows& rows, std::span<const Score> scores) {
  using Key = decltype(KeyOf(Score{}));
  const bool whole = rows.strata.empty();
  ScoreOrder order;
  order.missing_scores.resize(rows.stratum_count);
  order.unknown_labels.resize(rows.stratum_count);
  std::vector<Entry<Key>> entries;
  entries.reserve(scores.size());
  for (size_t row = 0; row < scores.size(); ++row) {
    const std::uint8_t label = rows.labels[row];
    const size_t stratum = whole ? 0 : rows.strata[row];
    if (label > 1) {
      if (label != 255) {
        throw KernelError(ErrorCode::kBadParameter, "Expected labels 0, 1 or 255 (unknown), got " +
                                                        std::to_string(label) + "; map them first");
      }
      if (stratum < rows.stratum_count) order.unknown_labels[stratum] += 1;
      continue;
    }
    if (stratum >= rows.stratum_count) continue;
    if (scores[row] != scores[row]) {
      order.missing_scores[stratum] += 1;
      continue;
    }
    entries.push_back(
        {KeyOf(scores[row]),
         {static_cast<std::uint32_t>(2 * stratum + label), static_cast<std::uint32_t>(row)}});
  }
  RadixSort(entries);
  order.rows.reserve(entries.size());
  order.ends.reserve(entries.size());
  for (size_t k = 0; k < entries.size(); ++k) {
    order.rows.push_back(entries[k].row);
    order.ends.push_back(k + 1 == entries.size() || entries[k].key != entries[k + 1].key);
  }
  return order;
}

}  // namespace

ScoreOrder SortScores(const RankedRows& rows) {
  const size_t size = rows.size();
  const bool wide = !rows.scores64.empty();
  if (rows.stratum_count < 1) {
    throw KernelError(ErrorCode::kBadParameter,
                      "Expected at least one stratum; pass 1 for the whole set");
  }
  if (size > 0xfffffff0u || rows.stratum_count > 1000000000u) {
    throw KernelError(ErrorCode::kTooLarge,
                      "Expected at most 4e9 rows and 1e9 strata; split the set");
  }
  if ((wide ? rows.scores64.size() : rows.scores32.size()) != size ||
      (!rows.strata.empty() && rows.strata.size() != size)) {
    throw KernelError(
        ErrorCode::kBadBufferLength,
        "Expected " + std::to_string(size) + " scores and strata, one per label; align them first");
  }
  return wide ? Sort<double>(rows, rows.scores64) : Sort<float>(rows, rows.scores32);
}

}  // namespace audit
