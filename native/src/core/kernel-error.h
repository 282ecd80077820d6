#pragma once

#include <stdexcept>
#include <string>

namespace audit {

/// Everything a kernel may refuse with; the names are the `code` of the JavaScript error.
enum class ErrorCode {
  kBadImageShape,
  kBadParameter,
  kBadBufferLength,
  kTooLarge,
  kOutOfMemory,
  kFailure,
};

/// The name that JavaScript sees, such as "BAD_IMAGE_SHAPE".
const char* NameOf(ErrorCode code);

/// A caller's mistake, or memory that is not there: says what was expected and what came.
class KernelError : public std::runtime_error {
 public:
  KernelError(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace audit
