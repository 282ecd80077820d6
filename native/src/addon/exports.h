#pragma once

#include <napi.h>

namespace audit {

/// (images, count, rows, cols, filters, output, threads, instructionSet): filters are triples of
/// kind, inner and outer; the promise resolves to `output`, which may be `images` when there is one
/// filter.
Napi::Value FilterFrequenciesCall(const Napi::CallbackInfo& info);

}  // namespace audit
