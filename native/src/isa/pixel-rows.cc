// Compiled once per instruction set, without contraction of products and sums: every machine draws
// the same noise.

#include "isa/pixel-rows.h"

#include "isa/simd.h"
#include "isa/weighted-sums.h"

namespace audit {
namespace {

void FromBytes(const std::uint8_t* from, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]);
}

void FromWords(const std::uint16_t* from, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]);
}

/// Whole cache lines of `to` past the caches, from value(i); pixel(i) for what lies before and
/// after them.
template <class Value, class Pixel>
AUDIT_INLINE void StreamLines(float* to, std::size_t count, Value value, Pixel pixel) {
  constexpr std::size_t line = 16;
  const std::size_t into_line = reinterpret_cast<std::uintptr_t>(to) / sizeof(float) % line;
  std::size_t i = 0;
  for (; i < (line - into_line) % line && i < count; ++i) to[i] = pixel(i);
  for (; i + line <= count; i += line) {
    Unroll<static_cast<int>(line) / kLanes>([&](auto part) __attribute__((always_inline)) {
      StoreStreaming(to + i + part * kLanes, value(i + part * kLanes));
    });
  }
  for (; i < count; ++i) to[i] = pixel(i);
}

void Stream(const float* from, float* to, std::size_t count) {
  StreamLines(
      to, count, [&](std::size_t i) __attribute__((always_inline)) { return Load(from + i); },
      [&](std::size_t i) __attribute__((always_inline)) { return from[i]; });
}

void StreamValue(float value, float* to, std::size_t count) {
  // Broadcast would make +0 of -0.
  const Vector values = value - Vector{};
  StreamLines(
      to, count, [&](std::size_t) __attribute__((always_inline)) { return values; },
      [&](std::size_t) __attribute__((always_inline)) { return value; });
}

void FinishStream() { FinishStreaming(); }

void Scale(const float* from, float* to, std::size_t count, float scale, float offset) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] * scale + offset;
}

void Clip(float* pixels, std::size_t count, float low, float high) {
  for (std::size_t i = 0; i < count; ++i) {
    const float above = pixels[i] < low ? low : pixels[i];
    pixels[i] = above > high ? high : above;
  }
}

void AddWeighted(const float* __restrict__ from, float* __restrict__ to, std::size_t count,
                 float weight) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i] * weight;
}

/// kLanes runs of Philox 4x32-10 side by side (Salmon et al. 2011, doi:10.1145/2063384.2063405).
struct Counters {
  Words word[4];
};

AUDIT_INLINE void MultiplyWide(Words a, std::uint32_t b, Words* high, Words* low) {
  *low = a * b;
  // By halves, as no vector of this width holds the whole product.
  const Words a_low = a & 0xffffu, a_high = a >> 16;
  const std::uint32_t b_low = b & 0xffffu, b_high = b >> 16;
  const Words lowest = a_low * b_low;
  const Words middle = a_high * b_low + (lowest >> 16);
  const Words other = a_low * b_high + (middle & 0xffffu);
  *high = a_high * b_high + (middle >> 16) + (other >> 16);
}

AUDIT_INLINE void Philox(Counters* counters, std::uint32_t key0, std::uint32_t key1) {
  Words* word = counters->word;
  for (int round = 0; round < 10; ++round) {
    Words high0, low0, high1, low1;
    MultiplyWide(word[0], 0xD2511F53u, &high0, &low0);
    MultiplyWide(word[2], 0xCD9E8D57u, &high1, &low1);
    word[0] = high1 ^ word[1] ^ key0;
    word[1] = low1;
    word[2] = high0 ^ word[3] ^ key1;
    word[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/// Natural logarithm of x in (0, 1], to a few units in the last place: x = 2^e m with m in
/// [sqrt(1/2), sqrt(2)), and the series of 2 atanh((m - 1) / (m + 1)).
AUDIT_INLINE Vector LogOf(Vector x) {
  const Words bits = reinterpret_cast<Words>(x);
  const Words shifted = bits - 0x3f3504f3u;
  const Mask exponent = reinterpret_cast<Mask>(shifted) >> 23;
  const Vector m = reinterpret_cast<Vector>((shifted & 0x7fffffu) + 0x3f3504f3u);
  const Vector s = (m - 1.0f) / (m + 1.0f);
  const Vector t = s * s;
  const Vector series =
      2.0f * s * (1.0f + t * (0.33333333f + t * (0.2f + t * (0.14285714f + t * 0.11111111f))));
  return __builtin_convertvector(exponent, Vector) * 0.69314718f + series;
}

/// Cosine and sine of a whole turn times `turn` in [0, 1): quarter turns, and a series within half
/// of one.
AUDIT_INLINE void CosineAndSine(Vector turn, Vector* cosine, Vector* sine) {
  const Mask quarter = __builtin_convertvector(turn * 4.0f + 0.5f, Mask);
  const Vector x = (turn * 4.0f - __builtin_convertvector(quarter, Vector)) * 1.57079633f;
  const Vector t = x * x;
  const Vector s =
      x *
      (1.0f + t * (-0.16666667f + t * (8.3333333e-3f + t * (-1.9841270e-4f + t * 2.7557319e-6f))));
  const Vector c =
      1.0f + t * (-0.5f + t * (4.1666667e-2f + t * (-1.3888889e-3f + t * 2.4801587e-5f)));
  const Mask odd = (quarter & 1) != 0;
  const Vector first = odd ? s : c;
  const Vector second = odd ? c : s;
  *cosine = (((quarter + 1) & 2) != 0) ? -first : first;
  *sine = ((quarter & 2) != 0) ? -second : second;
}

AUDIT_INLINE Vector SquareRoot(Vector x) {
  Vector root;
  for (int lane = 0; lane < kLanes; ++lane) root[lane] = __builtin_sqrtf(x[lane]);
  return root;
}

/// Counter c of an image gives its pixels 4 c .. 4 c + 3 by two Box-Muller pairs.
void Normals(std::uint32_t key0, std::uint32_t key1, std::uint32_t image, std::size_t first,
             float* to, std::size_t count) {
  Words lane;
  for (int i = 0; i < kLanes; ++i) lane[i] = static_cast<std::uint32_t>(i);
  for (std::size_t done = 0; done < count; done += 4 * kLanes) {
    Counters counters;
    const std::size_t counter = (first + done) / 4;
    counters.word[0] = lane + static_cast<std::uint32_t>(counter);
    counters.word[1] = BroadcastWord(static_cast<std::uint32_t>(counter >> 32));
    counters.word[2] = BroadcastWord(image);
    counters.word[3] = Words{};
    Philox(&counters, key0, key1);
    Vector normal[4];
    for (int pair = 0; pair < 2; ++pair) {
      // 24 bits each; the first lies in (0, 1], so its logarithm exists.
      const Vector uniform =
          (__builtin_convertvector(counters.word[2 * pair] >> 8, Vector) + 1.0f) * 5.9604645e-8f;
      const Vector turn =
          __builtin_convertvector(counters.word[2 * pair + 1] >> 8, Vector) * 5.9604645e-8f;
      const Vector radius = SquareRoot(-2.0f * LogOf(uniform));
      Vector cosine, sine;
      CosineAndSine(turn, &cosine, &sine);
      normal[2 * pair] = radius * cosine;
      normal[2 * pair + 1] = radius * sine;
    }
    const std::size_t left = count - done;
    for (std::size_t i = 0; i < 4 * kLanes && i < left; ++i) to[done + i] = normal[i % 4][i / 4];
  }
}

}  // namespace

extern const PixelRows AUDIT_NAME(kPixelRows);
const PixelRows AUDIT_NAME(kPixelRows) = {FromBytes,    FromWords,   Stream,     StreamValue,
                                          FinishStream, Scale,       Clip,       AddWeighted,
                                          SumRows,      SumMirrored, SumColumns, Normals};

}  // namespace audit
