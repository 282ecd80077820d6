#pragma once

#include <cstddef>
#include <functional>

namespace audit {

/// Most threads one call may use.
inline constexpr int kMaxThreads = 256;

/// Runs work(thread, item) for every item in [0, items), on up to `threads` threads, the calling
/// one among them; `thread` is in [0, threads). Items are handed out in order, each to whoever is
/// free. When the system refuses a thread, fewer do the work. The first exception of any thread is
/// thrown again here, after all have stopped.
void ParallelFor(std::size_t items, int threads,
                 const std::function<void(int thread, std::size_t item)>& work);

}  // namespace audit
