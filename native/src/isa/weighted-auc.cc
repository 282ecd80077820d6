// Compiled once per instruction set; see CMakeLists.txt.

#include "isa/weighted-auc.h"

#include "isa/simd.h"

namespace audit {
namespace {

/// Streams, and sums, in as many vectors as the replicates fill.
constexpr int kStreamParts = kReplicates / kLanes;
constexpr int kPartSums = kLanes / 2;
constexpr int kSumParts = kReplicates / kPartSums;
typedef double PartSums __attribute__((vector_size(kPartSums * 8)));
typedef std::int32_t PartWeights __attribute__((vector_size(kPartSums * 4)));
typedef std::uint16_t PartCounts __attribute__((vector_size(kPartSums * 2)));

struct Sums {
  PartSums part[kSumParts];
};

/// Rows that lie ahead are asked for this early: their patients' weights lie anywhere in memory.
constexpr std::size_t kAhead = 24;

constexpr int kWords = 4;

/// The next word of one stream, or of many.
template <class Word>
AUDIT_INLINE Word NextWord(Word& a, Word& b, Word& c, Word& d) {
  const auto rotate = [](Word word, int by) __attribute__((always_inline)) {
    return (word << by) | (word >> (32 - by));
  };
  const Word result = rotate(b * 5, 7) * 9;
  const Word shifted = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= shifted;
  d = rotate(d, 11);
  return result;
}

struct Streams {
  Words words[kWords][kStreamParts];
};

/// Draws again in the streams whose product would favour some patients.
__attribute__((noinline)) void DrawAgain(Streams* streams, std::uint32_t bound,
                                         std::uint32_t unfair, int part, Words low, Words* high) {
  auto& words = streams->words;
  for (int lane = 0; lane < kLanes; ++lane) {
    while (low[lane] < unfair) {
      std::uint32_t a = words[0][part][lane], b = words[1][part][lane], c = words[2][part][lane],
                    d = words[3][part][lane];
      const std::uint64_t product = std::uint64_t{NextWord(a, b, c, d)} * bound;
      words[0][part][lane] = a;
      words[1][part][lane] = b;
      words[2][part][lane] = c;
      words[3][part][lane] = d;
      low[lane] = static_cast<std::uint32_t>(product);
      (*high)[lane] = static_cast<std::uint32_t>(product >> 32);
    }
  }
}

/// Whether any lane of `a` is below `b`.
AUDIT_INLINE bool AnyBelow(Words a, std::uint32_t b) {
  const auto below = a < b;
  std::uint64_t bits[kLanes / 2], any = 0;
  std::memcpy(bits, &below, sizeof(bits));
  for (const std::uint64_t pair : bits) any |= pair;
  return any != 0;
}

void Draw(ReplicateStreams* given, std::uint32_t patient_count, std::uint16_t* weights) {
  // No weights may well be a null pointer, which memset must not be given.
  if (patient_count == 0) return;
  std::memset(weights, 0, std::size_t{patient_count} * kReplicates * sizeof(*weights));
  Streams streams;
  std::memcpy(&streams, given, sizeof(streams));
  const auto unfair = static_cast<std::uint32_t>((std::uint64_t{1} << 32) % patient_count);
  const Words bound_low = BroadcastWord(patient_count & 0xffffu);
  const Words bound_high = BroadcastWord(patient_count >> 16);
  for (std::uint32_t draw = 0; draw < patient_count; ++draw) {
    std::uint32_t drawn[kReplicates];
    Unroll<kStreamParts>([&](auto part) __attribute__((always_inline)) {
      auto& words = streams.words;
      const Words word = NextWord(words[0][part], words[1][part], words[2][part], words[3][part]);
      // The product of 32 by 32 bits by halves, as no vector of this width holds it.
      const Words least = (word & 0xffffu) * bound_low;
      const Words middle = (word >> 16) * bound_low + (least >> 16);
      const Words other = (word & 0xffffu) * bound_high + (middle & 0xffffu);
      const Words low = (other << 16) | (least & 0xffffu);
      Words high = (word >> 16) * bound_high + (middle >> 16) + (other >> 16);
      if (AnyBelow(low, unfair)) DrawAgain(&streams, patient_count, unfair, part, low, &high);
      std::memcpy(drawn + part * kLanes, &high, sizeof(high));
    });
    for (int stream = 0; stream < kReplicates; ++stream)
      weights[std::size_t{drawn[stream]} * kReplicates + static_cast<std::size_t>(stream)] += 1;
  }
  std::memcpy(given, &streams, sizeof(streams));
}

void Measure(const std::uint32_t* patients, const std::uint8_t* flags, std::size_t first,
             std::size_t end, const std::uint16_t* weights, double* aucs) {
  Sums wins{}, positives{}, negatives{};
  const auto visit = [&](std::size_t k, auto add) __attribute__((always_inline)) {
    const std::size_t ahead = k + kAhead < end ? k + kAhead : k;
    __builtin_prefetch(weights + static_cast<std::size_t>(patients[ahead]) * kReplicates);
    const std::uint16_t* from = weights + static_cast<std::size_t>(patients[k]) * kReplicates;
    // Without a branch on the class, which no processor can guess.
    const PartSums share = PartSums{} + static_cast<double>(flags[k] & 1);
    Unroll<kSumParts>([&](auto part) __attribute__((always_inline)) {
      PartCounts counts;
      std::memcpy(&counts, from + part * kPartSums, sizeof(counts));
      const PartSums weight =
          __builtin_convertvector(__builtin_convertvector(counts, PartWeights), PartSums);
      const PartSums positive = weight * share;
      add(part, positive, weight - positive);
    });
  };
  for (std::size_t k = first; k < end; ++k) {
    if (flags[k] < 2) {
      visit(
          k, [&](int part, PartSums positive, PartSums negative) __attribute__((always_inline)) {
            wins.part[part] += positive * negatives.part[part];
            positives.part[part] += positive;
            negatives.part[part] += negative;
          });
      continue;
    }
    Sums tied_positives{}, tied_negatives{};
    for (;; ++k) {
      visit(
          k, [&](int part, PartSums positive, PartSums negative) __attribute__((always_inline)) {
            tied_positives.part[part] += positive;
            tied_negatives.part[part] += negative;
          });
      // A tie that would run past the cell ends with it.
      if (flags[k] < 2 || k + 1 == end) break;
    }
    Unroll<kSumParts>([&](auto part) __attribute__((always_inline)) {
      wins.part[part] +=
          tied_positives.part[part] * (negatives.part[part] + 0.5 * tied_negatives.part[part]);
      positives.part[part] += tied_positives.part[part];
      negatives.part[part] += tied_negatives.part[part];
    });
  }
  for (int way = 0; way < kReplicates; ++way) {
    const int part = way / kPartSums, lane = way % kPartSums;
    const double p = positives.part[part][lane], n = negatives.part[part][lane];
    aucs[way] = p == 0 || n == 0 ? __builtin_nan("") : wins.part[part][lane] / (p * n);
  }
}

}  // namespace

extern const WeightedAuc AUDIT_NAME(kWeightedAuc);
const WeightedAuc AUDIT_NAME(kWeightedAuc) = {Draw, Measure};

}  // namespace audit
