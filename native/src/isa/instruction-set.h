#pragma once

#include <span>

namespace audit {

/// The instruction sets that the vector kernels are compiled for.
enum class InstructionSet { kPortable, kAvx2, kAvx512 };

/// Those that this build has and this machine runs, slowest first.
std::span<const InstructionSet> RunnableInstructionSets();

/// The last of them.
InstructionSet BestInstructionSet();

const char* NameOf(InstructionSet instructions);

}  // namespace audit
