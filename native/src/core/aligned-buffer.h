#pragma once

#include <cstddef>
#include <memory>

namespace audit {

/// Floats on a cache line boundary, of no particular value at first: fresh memory costs more at its
/// first touch than all the arithmetic on it, so what an earlier call left is used again. The
/// process keeps up to 64 MiB of it. Throws std::bad_alloc.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size);
  float* data() const { return data_.get(); }
  std::size_t size() const { return data_.get_deleter().size; }

 private:
  struct GiveBack {
    std::size_t size;
    void operator()(float* data) const;
  };
  std::unique_ptr<float[], GiveBack> data_;
};

}  // namespace audit
