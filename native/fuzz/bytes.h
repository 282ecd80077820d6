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
    const std::size_t choices = high - low + 1;
    return low + (choices <= 256 ? Take<std::uint8_t>() : Take<std::uint16_t>()) % choices;
  }
  bool OneIn(std::size_t choices) { return Between(0, choices - 1) == choices - 1; }
  bool empty() const { return rest_.empty(); }

 private:
  std::span<const std::uint8_t> rest_;
};

/// Numbers of which a few bytes make as many as are wanted (xorshift64*).
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }
  /// In [0, 1).
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }

 private:
  std::uint64_t state_;
};
