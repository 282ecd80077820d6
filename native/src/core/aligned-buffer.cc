#include "core/aligned-buffer.h"

#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <utility>

namespace audit {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kMostKept = (std::size_t{64} << 20) / sizeof(float);

/// Buffers that nobody uses, the last given back first.
struct Stock {
  std::mutex guard;
  std::list<std::pair<std::size_t, float*>> buffers;
  std::size_t kept = 0;
};

Stock& TheStock() {
  // Never destroyed: a pool thread may still give back while the process exits.
  static Stock& stock = *new Stock;
  return stock;
}

float* TakeFromStock(std::size_t size) {
  Stock& stock = TheStock();
  const std::lock_guard lock(stock.guard);
  for (auto buffer = stock.buffers.begin(); buffer != stock.buffers.end(); ++buffer) {
    // Of the very size, so that sanitisers see every step beyond it.
    if (buffer->first != size) continue;
    float* const data = buffer->second;
    stock.kept -= size;
    stock.buffers.erase(buffer);
    return data;
  }
  return nullptr;
}

void Free(float* data) { ::operator delete[](data, kAlignment); }

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t size) {
  float* data = size == 0 ? nullptr : TakeFromStock(size);
  if (data == nullptr) data = new (kAlignment) float[size];
  data_ = {data, GiveBack{size}};
}

void AlignedBuffer::GiveBack::operator()(float* data) const {
  Stock& stock = TheStock();
  std::list<std::pair<std::size_t, float*>> spare, dropped;
  if (size > 0 && size <= kMostKept / 4) {
    try {
      spare.emplace_front(size, data);
    } catch (const std::bad_alloc&) {
      // No memory for the note that there is memory.
    }
  }
  if (spare.empty()) return Free(data);
  {
    const std::lock_guard lock(stock.guard);
    stock.buffers.splice(stock.buffers.begin(), spare);
    stock.kept += size;
    while (stock.kept > kMostKept) {
      stock.kept -= stock.buffers.back().first;
      dropped.splice(dropped.end(), stock.buffers, std::prev(stock.buffers.end()));
    }
  }
  for (const auto& [unused, old] : dropped) Free(old);
}

}  // namespace audit
