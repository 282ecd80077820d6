#pragma once

#include <napi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/kernel-error.h"
#include "isa/instruction-set.h"

namespace audit {

/// Reads what index.ts passes. It has checked everything with better messages; here only what
/// memory depends on is checked again. Each throws KernelError BAD_PARAMETER.

[[noreturn]] inline void RefuseArgument(std::size_t index, const char* expected) {
  throw KernelError(ErrorCode::kBadParameter, "Expected " + std::string(expected) +
                                                  " as argument " + std::to_string(index) +
                                                  "; call through native/index.ts");
}

/// A typed array of `Element`.
template <class Array, class Element>
std::span<Element> SpanOf(const Napi::Value& value, std::size_t index, napi_typedarray_type type) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    RefuseArgument(index, "a typed array of the right kind");
  }
  auto array = value.As<Array>();
  return {array.Data(), array.ElementLength()};
}

template <class Array, class Element>
std::span<Element> SpanAt(const Napi::CallbackInfo& info, std::size_t index,
                          napi_typedarray_type type) {
  return SpanOf<Array, Element>(info[index], index, type);
}

inline std::span<float> FloatsAt(const Napi::CallbackInfo& info, std::size_t index) {
  return SpanAt<Napi::Float32Array, float>(info, index, napi_float32_array);
}

inline std::span<double> DoublesAt(const Napi::CallbackInfo& info, std::size_t index) {
  return SpanAt<Napi::Float64Array, double>(info, index, napi_float64_array);
}

inline std::span<std::uint32_t> WordsAt(const Napi::CallbackInfo& info, std::size_t index) {
  return SpanAt<Napi::Uint32Array, std::uint32_t>(info, index, napi_uint32_array);
}

inline std::span<std::uint8_t> BytesOf(const Napi::Value& value, std::size_t index) {
  return SpanOf<Napi::Uint8Array, std::uint8_t>(value, index, napi_uint8_array);
}

inline std::span<std::uint8_t> BytesAt(const Napi::CallbackInfo& info, std::size_t index) {
  return BytesOf(info[index], index);
}

inline double NumberAt(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsNumber()) RefuseArgument(index, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

/// A whole number in [0, 2^53).
inline std::size_t CountAt(const Napi::CallbackInfo& info, std::size_t index) {
  const double number = NumberAt(info, index);
  if (!(number >= 0 && number < 9007199254740992.0) || number != std::floor(number)) {
    RefuseArgument(index, "a whole number of 0 or more");
  }
  return static_cast<std::size_t>(number);
}

/// A flag; false when it is left out.
inline bool FlagAt(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (value.IsUndefined()) return false;
  if (!value.IsBoolean()) RefuseArgument(index, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

/// A thread count; anything above what is useful is as good as the most.
inline int ThreadsAt(const Napi::CallbackInfo& info, std::size_t index) {
  return static_cast<int>(std::min<std::size_t>(CountAt(info, index), 1 << 16));
}

/// The number of an instruction set of this machine.
inline InstructionSet InstructionSetAt(const Napi::CallbackInfo& info, std::size_t index) {
  const auto runnable = RunnableInstructionSets();
  const std::size_t number = CountAt(info, index);
  if (number >= runnable.size()) RefuseArgument(index, "an instruction set of this machine");
  return runnable[number];
}

}  // namespace audit
