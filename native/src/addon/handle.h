#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "addon/arguments.h"

namespace audit {

/// A value of ours that JavaScript holds without looking inside. Calls in progress share it, so it
/// outlives them whatever the garbage collector does. A tag tells it from other people's.
template <class Value>
using Handle = Napi::External<std::shared_ptr<Value>>;

/// The tag of handles of `Value`: any number, but the same in all processes.
template <class Value>
inline constexpr napi_type_tag kHandleTag = {};

/// Hands `value` to JavaScript, which counts `bytes` of memory for it.
template <class Value>
Handle<Value> NewHandle(Napi::Env env, const std::shared_ptr<Value>& value, std::size_t bytes) {
  const auto counted = static_cast<std::int64_t>(bytes);
  auto handle = Handle<Value>::New(env, new std::shared_ptr<Value>(value),
                                   [counted](Napi::Env where, std::shared_ptr<Value>* held) {
                                     delete held;
                                     Napi::MemoryManagement::AdjustExternalMemory(where, -counted);
                                   });
  Napi::MemoryManagement::AdjustExternalMemory(env, counted);
  handle.TypeTag(&kHandleTag<Value>);
  return handle;
}

template <class Value>
bool IsHandle(const Napi::Value& value) {
  return value.IsExternal() && value.As<Handle<Value>>().CheckTypeTag(&kHandleTag<Value>);
}

/// Throws KernelError BAD_PARAMETER for anything but a handle of `Value`.
template <class Value>
std::shared_ptr<Value> SharedOf(const Napi::Value& value, std::size_t index) {
  if (!IsHandle<Value>(value)) RefuseArgument(index, "what an earlier call gave");
  return *value.As<Handle<Value>>().Data();
}

}  // namespace audit
