#pragma once

#include <cstddef>

namespace audit {

/// Asks the system to back [data, data + size) with large pages when it is first touched: fresh
/// memory then costs a quarter (51 MB: 6.5 ms instead of 27). A hint; nothing happens where there
/// is no such thing.
void AdviseLargePages(void* data, std::size_t size);

}  // namespace audit
