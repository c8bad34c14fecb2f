#include <algorithm>
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
  constexpr int kCoresOfHeap = 4;
  ::mallopt(M_ARENA_MAX, std::max(1, core_count() / kCoresOfHeap));
#endif
}

void return_freed_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace likeness
