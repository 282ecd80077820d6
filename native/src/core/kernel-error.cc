#include "core/kernel-error.h"

namespace audit {

const char* NameOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadImageShape:
      return "BAD_IMAGE_SHAPE";
    case ErrorCode::kBadParameter:
      return "BAD_PARAMETER";
    case ErrorCode::kBadBufferLength:
      return "BAD_BUFFER_LENGTH";
    case ErrorCode::kTooLarge:
      return "TOO_LARGE";
    case ErrorCode::kOutOfMemory:
      return "OUT_OF_MEMORY";
    case ErrorCode::kFailure:
      break;
  }
  return "NATIVE_FAILURE";
}

}  // namespace audit
