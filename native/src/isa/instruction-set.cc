#include "isa/instruction-set.h"

#include <array>

#include "isa/kernel-table.h"

namespace audit {
namespace {

constexpr std::array kAll = {InstructionSet::kPortable, InstructionSet::kAvx2,
                             InstructionSet::kAvx512};

std::size_t CountRunnable() {
#if defined(__x86_64__) && !defined(AUDIT_PORTABLE)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return wide ? 3 : 2;
#else
  return 1;
#endif
}

}  // namespace

std::span<const InstructionSet> RunnableInstructionSets() {
  static const std::size_t count = CountRunnable();
  return std::span(kAll).first(count);
}

InstructionSet BestInstructionSet() { return RunnableInstructionSets().back(); }

const char* NameOf(InstructionSet instructions) {
  switch (instructions) {
    case InstructionSet::kPortable:
      return "portable";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
  }
  return "portable";
}

const PairFilterCode& PairFilterCodeOf(InstructionSet instructions) {
#if defined(__x86_64__) && !defined(AUDIT_PORTABLE)
  if (instructions == InstructionSet::kAvx512) return kPairFilterAvx512;
  if (instructions == InstructionSet::kAvx2) return kPairFilterAvx2;
#endif
  static_cast<void>(instructions);
  return kPairFilterPortable;
}

const PixelRows& PixelRowsOf(InstructionSet instructions) {
#if defined(__x86_64__) && !defined(AUDIT_PORTABLE)
  if (instructions == InstructionSet::kAvx512) return kPixelRowsAvx512;
  if (instructions == InstructionSet::kAvx2) return kPixelRowsAvx2;
#endif
  static_cast<void>(instructions);
  return kPixelRowsPortable;
}

const WeightedAuc& WeightedAucOf(InstructionSet instructions) {
#if defined(__x86_64__) && !defined(AUDIT_PORTABLE)
  if (instructions == InstructionSet::kAvx512) return kWeightedAucAvx512;
  if (instructions == InstructionSet::kAvx2) return kWeightedAucAvx2;
#endif
  static_cast<void>(instructions);
  return kWeightedAucPortable;
}

}  // namespace audit
