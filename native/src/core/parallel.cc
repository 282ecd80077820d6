#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace audit {

void ParallelFor(std::size_t items, int threads,
                 const std::function<void(int thread, std::size_t item)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex guard;
  std::exception_ptr failure;
  const auto run = [&](int thread) {
    try {
      for (std::size_t item; (item = next.fetch_add(1, std::memory_order_relaxed)) < items;) {
        work(thread, item);
      }
    } catch (...) {
      next.store(items, std::memory_order_relaxed);
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
  };
  const auto helpers = std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), items);
  std::vector<std::jthread> others;
  try {
    others.reserve(helpers);
    for (std::size_t thread = 1; thread < helpers; ++thread) {
      others.emplace_back(run, static_cast<int>(thread));
    }
  } catch (const std::system_error&) {
    // No more threads to be had: those that started, and this one, do it all.
  } catch (const std::bad_alloc&) {
    // Likewise.
  }
  run(0);
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace audit
