// A fuzz target without a fuzzer: any compiler, no instrumentation, so the code that ships runs at
// full speed. Usage: random-NAME [inputs] [first]; input k is made from k alone, and is named when
// it fails.

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::atomic<std::uint64_t> current;

extern "C" void NameInput(int signal) {
  char text[64];
  const int length = std::snprintf(text, sizeof(text), "signal %d at input %llu\n", signal,
                                   static_cast<unsigned long long>(current.load()));
  if (write(STDERR_FILENO, text, static_cast<std::size_t>(length)) < 0) _exit(2);
  _exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  const char* asked = count > 1 ? arguments[1] : std::getenv("STRATUM_FUZZ_INPUTS");
  const std::uint64_t inputs = asked ? std::strtoull(asked, nullptr, 10) : 20'000;
  const std::uint64_t first = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 0;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, NameInput);
  std::vector<std::uint8_t> bytes;
  for (std::uint64_t input = first; input < first + inputs; ++input) {
    current = input;
    Noise noise(input);
    bytes.resize(16 + noise.Next() % 300);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(noise.Next() >> 56);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%llu inputs, none failed\n", static_cast<unsigned long long>(inputs));
}
