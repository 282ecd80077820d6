#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

/// Memory between two pages that may not be touched, so that a kernel which reads or writes past an
/// array dies at once, in code without sanitizers too: the code that ships.
template <class Value>
class Fence {
 public:
  Fence() {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* all = mmap(nullptr, kBytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) std::abort();
    first_ = static_cast<std::uint8_t*>(all) + page;
    if (mprotect(first_, kBytes, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  /// `size` values that begin at the first fence (spot 0), or end spot - 1 values before the last:
  /// any alignment.
  std::span<Value> Lay(std::size_t size, std::size_t spot) {
    const std::size_t gap = spot == 0 ? 0 : spot - 1;
    if ((size + gap) * sizeof(Value) > kBytes) std::abort();
    auto* const end = reinterpret_cast<Value*>(first_ + kBytes);
    laid_ = spot == 0 ? std::span(reinterpret_cast<Value*>(first_), size)
                      : std::span(end - gap - size, size);
    gap_ = std::span(reinterpret_cast<std::uint8_t*>(laid_.data() + size), gap * sizeof(Value));
    std::ranges::fill(gap_, kUntouched);
    return laid_;
  }
  /// Dies when anything was written between the values and the fence.
  void Check() const {
    if (std::ranges::any_of(gap_, [](std::uint8_t byte) { return byte != kUntouched; }))
      std::abort();
  }

  /// Spots that `Lay` tells apart: every alignment of a vector.
  static constexpr std::size_t kSpots = 1 + 64 / sizeof(Value);

 private:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;
  static constexpr std::uint8_t kUntouched = 0xa5;
  std::uint8_t* first_;
  std::span<Value> laid_;
  std::span<std::uint8_t> gap_;
};
