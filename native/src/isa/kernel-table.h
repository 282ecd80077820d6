#pragma once

#include "isa/instruction-set.h"
#include "isa/pair-filter.h"

namespace audit {

// The same source, compiled for each instruction set.
extern const PairFilterCode kPairFilterPortable;
extern const PairFilterCode kPairFilterAvx2;
extern const PairFilterCode kPairFilterAvx512;

/// The code for `instructions`, which must be runnable here.
const PairFilterCode& PairFilterCodeOf(InstructionSet instructions);

}  // namespace audit
