#include "gallery/large_buffer.h"

#include <cstdint>

#include <sys/mman.h>

namespace likeness {

void use_large_pages(void* start, std::size_t bytes) {
  constexpr std::uintptr_t kPage = 4096;
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const std::size_t before = (kPage - address % kPage) % kPage;  // the first whole page
  if (bytes < before + kPage) return;
  ::madvise(static_cast<char*>(start) + before, (bytes - before) / kPage * kPage, MADV_HUGEPAGE);
}

}  // namespace likeness
