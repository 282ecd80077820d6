#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/kernel-error.h"

namespace audit {

/// Runs a kernel on a thread of libuv's pool and settles a promise. The objects handed over stay
/// alive meanwhile; the promise resolves to the first of them. Nothing that touches JavaScript may
/// be captured by the kernel.
template <class Kernel>
class PromiseWorker final : public Napi::AsyncWorker {
 public:
  static Napi::Value Run(Napi::Env env, const std::vector<Napi::Object>& keep, Kernel kernel) {
    // The worker deletes itself once it has settled its promise.
    auto* worker = new PromiseWorker(env, keep, std::move(kernel));
    const auto promise = worker->deferred_.Promise();
    worker->Queue();
    return promise;
  }

 protected:
  void Execute() override {
    try {
      kernel_();
    } catch (const KernelError& error) {
      Fail(error.code(), error.what());
    } catch (const std::bad_alloc&) {
      Fail(ErrorCode::kOutOfMemory,
           "Expected memory for the work buffers, got none; send smaller batches");
    } catch (const std::exception& error) {
      Fail(ErrorCode::kFailure, error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(kept_.front().Value()); }
  void OnError(const Napi::Error& error) override {
    error.Value().Set("code", NameOf(code_));
    deferred_.Reject(error.Value());
  }

 private:
  PromiseWorker(Napi::Env env, const std::vector<Napi::Object>& keep, Kernel kernel)
      : Napi::AsyncWorker(env, "stratum:kernel"),
        deferred_(Napi::Promise::Deferred::New(env)),
        kernel_(std::move(kernel)) {
    for (const auto& object : keep) kept_.push_back(Napi::Persistent(object));
  }
  void Fail(ErrorCode code, const std::string& message) {
    code_ = code;
    SetError(message);
  }

  Napi::Promise::Deferred deferred_;
  std::vector<Napi::ObjectReference> kept_;
  Kernel kernel_;
  ErrorCode code_ = ErrorCode::kFailure;
};

/// Runs `body`; what it throws becomes a JavaScript error with a code.
template <class Body>
Napi::Value Guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const KernelError& error) {
    auto thrown = Napi::Error::New(env, error.what());
    thrown.Value().Set("code", NameOf(error.code()));
    throw thrown;
  } catch (const std::bad_alloc&) {
    auto thrown =
        Napi::Error::New(env, "Expected memory for the call, got none; send smaller batches");
    thrown.Value().Set("code", NameOf(ErrorCode::kOutOfMemory));
    throw thrown;
  }
}

}  // namespace audit
