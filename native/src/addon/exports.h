#pragma once

#include <napi.h>

namespace audit {

// What index.ts calls. Every array must be memory that nothing else can detach or write to:
// ownership.ts sees to it. A call that works on batches gives a promise of its output array.

/// (images, count, rows, cols, filters, output, threads, instructionSet): filters are triples of
/// kind, inner and outer; `output` may be `images` when there is one filter.
Napi::Value FilterFrequenciesCall(const Napi::CallbackInfo& info);

/// (source, count, rows, cols, steps, bitmaps, imageNumbers, output, threads, instructionSet):
/// steps are numbers as pixel-steps.cc reads them, bitmaps an array of Uint8Array; `output` may be
/// `source` when the chain keeps the size.
Napi::Value RunPixelChainCall(const Napi::CallbackInfo& info);

/// (images, count, rows, cols, bins, low, high, output, threads).
Napi::Value PixelFeaturesCall(const Napi::CallbackInfo& info);

/// (scores, labels, strata, stratumCount, output): 6 numbers a stratum.
Napi::Value StratifiedAucCall(const Napi::CallbackInfo& info);

/// (firstScores, secondScores, labels, strata, stratumCount, output): 8 numbers a stratum.
Napi::Value PairedAucCall(const Napi::CallbackInfo& info);

/// (scores, labels, strata, stratumCount, stratum, output): three runs of rows + 1 numbers (false
/// positives, true positives, thresholds) and the number of steps at the end.
Napi::Value RocStepsCall(const Napi::CallbackInfo& info);

/// (starts, patients, flags, patientCount, seed, from, to, output, threads).
Napi::Value BootstrapAucCall(const Napi::CallbackInfo& info);

}  // namespace audit
