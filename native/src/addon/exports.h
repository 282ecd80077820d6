#pragma once

#include <napi.h>

namespace audit {

// What index.ts calls. Every array must be memory that nothing else can detach or write to:
// ownership.ts sees to it. A call that works on batches gives a promise of its output array.

/// (images, count, rows, cols, filters, output, threads, instructionSet): filters are triples of
/// kind, inner and outer; `output` may be `images` when there is one filter.
Napi::Value FilterFrequenciesCall(const Napi::CallbackInfo& info);

/// (source, count, rows, cols, steps, bitmaps, imageNumbers, output, threads, instructionSet, now):
/// steps are numbers as pixel-steps.cc reads them, bitmaps an array of Uint8Array; `output` may be
/// `source` when the chain keeps the size. With `now` the work is done before the call returns, and
/// gives the array itself: `source` may then be memory that others can reach later.
Napi::Value RunPixelChainCall(const Napi::CallbackInfo& info);

/// (array): a hint that fresh memory, all of it, is about to be written.
Napi::Value AdviseLargePagesCall(const Napi::CallbackInfo& info);

/// (images, count, rows, cols, bins, low, high, output, threads).
Napi::Value PixelFeaturesCall(const Napi::CallbackInfo& info);

/// (scores): a promise of a handle, the column in ascending order.
Napi::Value SortScoresCall(const Napi::CallbackInfo& info);

/// (order, rows, tiedWithNext): copies the order out, at once.
Napi::Value ReadOrderCall(const Napi::CallbackInfo& info);

/// (order): a new array of the rows without a score, at once.
Napi::Value MissingRowsCall(const Napi::CallbackInfo& info);

// Below, scores are a handle of SortScores, or an array that is sorted first; strata of either
// width.

/// (scores, labels, strata, stratumCount, output): 6 numbers a stratum.
Napi::Value StratifiedAucCall(const Napi::CallbackInfo& info);

/// (firstScores, secondScores, labels, strata, stratumCount, output): 8 numbers a stratum.
Napi::Value PairedAucCall(const Napi::CallbackInfo& info);

/// (scores, labels, strata, stratumCount, stratum, output): three runs of rows + 1 numbers (false
/// positives, true positives, rows that have the threshold) and the number of steps at the end.
Napi::Value RocStepsCall(const Napi::CallbackInfo& info);

/// (orders, labels, strata, stratumCount, patients, patientCount), an order and labels a column: a
/// promise of a handle.
Napi::Value PlanBootstrapCall(const Napi::CallbackInfo& info);

/// (plan): {patientCount, starts, positivePatients, negativePatients}, at once.
Napi::Value ReadPlanCall(const Napi::CallbackInfo& info);

/// (plan, seed, from, to, output, threads).
Napi::Value BootstrapAucCall(const Napi::CallbackInfo& info);

}  // namespace audit
