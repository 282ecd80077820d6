#include "core/aligned-buffer.h"

#include <algorithm>

namespace audit {

AlignedBuffer::AlignedBuffer(std::size_t size)
    : data_(new (std::align_val_t{64}) float[size]), size_(size) {
  std::fill_n(data_.get(), size, 0.0f);
}

}  // namespace audit
