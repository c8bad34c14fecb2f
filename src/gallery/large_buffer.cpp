#include "gallery/large_buffer.h"

#include <cstdint>

#include <sys/mman.h>

namespace likeness {

void use_large_pages(void* start, std::size_t bytes) {
  constexpr std::uintptr_t kPage = 4096;
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const auto first = (address + kPage - 1) & ~(kPage - 1);
  const auto end = (address + bytes) & ~(kPage - 1);
  if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace likeness
