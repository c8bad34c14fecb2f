#include <cstddef>
#include <fstream>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/heap.h>
#include <unistd.h>

namespace likeness {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
constexpr bool kGlibcsHeap = false;
#else
constexpr bool kGlibcsHeap = true;
#endif

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// What is alive lies between the freed blocks, up to the end, so that freeing alone returns
// nothing.
TEST(Heap, GivesBackWhatLiesBetweenLiveBlocks) {
  if (!kGlibcsHeap) GTEST_SKIP() << "another heap than glibc's";
  constexpr std::size_t kBlocks = 2000;
  constexpr std::size_t kBytes = 32 << 10;
  std::vector<std::unique_ptr<std::vector<char>>> freed;
  std::vector<std::unique_ptr<int>> alive;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    freed.push_back(std::make_unique<std::vector<char>>(kBytes, 'x'));
    alive.push_back(std::make_unique<int>(static_cast<int>(i)));
  }
  freed.clear();
  const std::size_t before = resident_bytes();
  return_freed_memory();
  EXPECT_LT(resident_bytes() + kBlocks * kBytes / 2, before);
  for (std::size_t i = 0; i < kBlocks; ++i) EXPECT_EQ(*alive[i], static_cast<int>(i));
}

}  // namespace
}  // namespace likeness
