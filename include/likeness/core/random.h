#pragma once

/// Seeded randomness that is the same on every platform. Functions that draw take a generator;
/// nothing in Likeness reads a global one.

#include <cstdint>
#include <limits>

namespace likeness {

/// A small, fast generator (SplitMix64, Steele et al. 2014), a UniformRandomBitGenerator. Not for
/// secrets. Not safe to share between threads; copy it instead.
class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(seed) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// A whole number from 0 to `bound` - 1, uniform; requires bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t limit = max() - max() % bound;
    std::uint64_t value = (*this)();
    while (value >= limit) value = (*this)();
    return value % bound;
  }

  /// A real number in [0, 1), uniform.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

  /// Everything there is to a generator: Random(r.state()) goes on exactly as r would.
  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace likeness
