#include <napi.h>

#include "addon/exports.h"
#include "isa/instruction-set.h"

namespace {

// Raised whenever the arguments of an export change; binding.ts refuses any other.
constexpr int kAbi = 1;

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("abi", Napi::Number::New(env, kAbi));
  auto names = Napi::Array::New(env);
  for (const auto instructions : audit::RunnableInstructionSets()) {
    names.Set(names.Length(), audit::NameOf(instructions));
  }
  exports.Set("instructionSets", names);
  exports.Set("filterFrequencies",
              Napi::Function::New(env, audit::FilterFrequenciesCall, "filterFrequencies"));
  return exports;
}

}  // namespace

NODE_API_MODULE(stratum_native, Init)
