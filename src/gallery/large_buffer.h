#pragma once

/// Memory for many numbers, in large pages where the system has them: a search that jumps about in
/// it, or reads all of it, waits less for translations of addresses.

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace likeness {

/// Asks for large pages where [start, start + bytes) has room for them. Does nothing where the
/// system has none.
void use_large_pages(void* start, std::size_t bytes);

/// `count` numbers that are not set to anything; what is not written to takes no memory.
template <typename Number>
class LargeBuffer {
  static_assert(std::is_trivial_v<Number>);

 public:
  LargeBuffer() = default;
  explicit LargeBuffer(std::size_t count) {
    constexpr std::size_t kLargePage = std::size_t{1} << 21;
    constexpr std::size_t kLine = 64;
    const std::size_t alignment = count * sizeof(Number) < kLargePage ? kLine : kLargePage;
    const std::size_t bytes = (count * sizeof(Number) + alignment - 1) / alignment * alignment;
    numbers_.reset(static_cast<Number*>(std::aligned_alloc(alignment, bytes)));
    if (numbers_ == nullptr && bytes > 0) throw std::bad_alloc();
    use_large_pages(numbers_.get(), bytes);
  }

  Number* get() const { return numbers_.get(); }

 private:
  struct Free {
    void operator()(Number* numbers) const { std::free(numbers); }
  };
  std::unique_ptr<Number[], Free> numbers_;
};

}  // namespace likeness
