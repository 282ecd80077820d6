#include <napi.h>

#include <utility>

#include "addon/exports.h"
#include "isa/instruction-set.h"

namespace {

// Raised whenever the arguments of an export change; binding.ts refuses any other.
constexpr int kAbi = 3;

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("abi", Napi::Number::New(env, kAbi));
  auto names = Napi::Array::New(env);
  for (const auto instructions : audit::RunnableInstructionSets()) {
    names.Set(names.Length(), audit::NameOf(instructions));
  }
  exports.Set("instructionSets", names);
  using Call = Napi::Value (*)(const Napi::CallbackInfo&);
  constexpr std::pair<const char*, Call> calls[] = {
      {"filterFrequencies", audit::FilterFrequenciesCall},
      {"runPixelChain", audit::RunPixelChainCall},
      {"adviseLargePages", audit::AdviseLargePagesCall},
      {"pixelFeatures", audit::PixelFeaturesCall},
      {"sortScores", audit::SortScoresCall},
      {"readOrder", audit::ReadOrderCall},
      {"missingRows", audit::MissingRowsCall},
      {"stratifiedAuc", audit::StratifiedAucCall},
      {"pairedAuc", audit::PairedAucCall},
      {"rocSteps", audit::RocStepsCall},
      {"planBootstrap", audit::PlanBootstrapCall},
      {"readPlan", audit::ReadPlanCall},
      {"bootstrapAuc", audit::BootstrapAucCall},
  };
  for (const auto& [name, call] : calls) exports.Set(name, Napi::Function::New(env, call, name));
  return exports;
}

}  // namespace

NODE_API_MODULE(stratum_native, Init)
