#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

/// Takes values off the front of a fuzzer's bytes; zeros once they are used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  template <class Value>
  Value Take() {
    Value value{};
    const std::size_t size = rest_.size() < sizeof(Value) ? rest_.size() : sizeof(Value);
    std::memcpy(&value, rest_.data(), size);
    rest_ = rest_.subspan(size);
    return value;
  }
  /// In [low, high].
  std::size_t Between(std::size_t low, std::size_t high) {
    return low + Take<std::uint16_t>() % (high - low + 1);
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::span<const std::uint8_t> rest_;
};
