#pragma once

#include "isa/instruction-set.h"
#include "isa/pair-filter.h"
#include "isa/pixel-rows.h"
#include "isa/weighted-auc.h"

namespace audit {

// The same source, compiled for each instruction set.
extern const PairFilterCode kPairFilterPortable;
extern const PairFilterCode kPairFilterAvx2;
extern const PairFilterCode kPairFilterAvx512;

extern const PixelRows kPixelRowsPortable;
extern const PixelRows kPixelRowsAvx2;
extern const PixelRows kPixelRowsAvx512;

extern const WeightedAuc kWeightedAucPortable;
extern const WeightedAuc kWeightedAucAvx2;
extern const WeightedAuc kWeightedAucAvx512;

/// The code for `instructions`, which must be runnable here.
const PairFilterCode& PairFilterCodeOf(InstructionSet instructions);
const PixelRows& PixelRowsOf(InstructionSet instructions);
const WeightedAuc& WeightedAucOf(InstructionSet instructions);

}  // namespace audit
