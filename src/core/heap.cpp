#include <cstddef>

#include <dlfcn.h>
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

void return_freed_memory() {
  using Control = int(const char*, void*, std::size_t*, void*, std::size_t);
  if (const auto control = reinterpret_cast<Control*>(::dlsym(RTLD_DEFAULT, "mallctl"))) {
    control("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // 4096: all (mallctl(3))
    return;
  }
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace likeness
