#include <cstdlib>

#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#if defined(__GLIBC__)
#include <limits>

#include <malloc.h>
#endif

namespace likeness {

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kLargest = std::numeric_limits<int>::max();
  ::mallopt(M_MMAP_THRESHOLD, kLargest);  // larger blocks get pages of their own, every time
  ::mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

void share_heaps() {
#if defined(__GLIBC__)
  ::mallopt(M_ARENA_MAX, core_count());
#endif
}

void return_freed_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace likeness
