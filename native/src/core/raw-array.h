#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace audit {

/// `size` numbers that nobody has written yet: a vector would write zeros first. Throws
/// std::bad_alloc.
template <class Number>
class RawArray {
 public:
  RawArray() = default;
  explicit RawArray(std::size_t size)
      : data_(std::make_unique_for_overwrite<Number[]>(size)), size_(size) {}
  Number* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  Number& operator[](std::size_t at) const { return data_[at]; }
  Number* begin() const { return data(); }
  Number* end() const { return data() + size_; }
  std::span<const Number> span() const { return {data(), size_}; }
  /// Forgets what lies behind the first `size`.
  void Shorten(std::size_t size) { size_ = size; }

 private:
  std::unique_ptr<Number[]> data_;
  std::size_t size_ = 0;
};

}  // namespace audit
