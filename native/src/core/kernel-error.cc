#include "core/kernel-error.h"

namespace audit {

const char* NameOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadShape:
      return "BAD_SHAPE";
    case ErrorCode::kBadParameter:
      return "BAD_PARAMETER";
    case ErrorCode::kBufferLength:
      return "BUFFER_LENGTH";
    case ErrorCode::kTooLarge:
      return "TOO_LARGE";
    case ErrorCode::kOutOfMemory:
      return "OUT_OF_MEMORY";
  }
  return "BAD_PARAMETER";
}

}  // namespace audit
