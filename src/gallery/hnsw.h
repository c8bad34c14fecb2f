#pragma once

/// hnswlib as this room includes it, in one source file only: it defines functions that are not
/// inline.

#include <algorithm>
#include <cmath>
#include <mutex>
#include <random>

// Their names must not meet those of a program that includes hnswlib too.
#define cpuid likeness_hnswlib_cpuid
#define xgetbv likeness_hnswlib_xgetbv
#define AVXCapable likeness_hnswlib_avx_capable
#define AVX512Capable likeness_hnswlib_avx512_capable
#if defined(__SANITIZE_ADDRESS__) && !defined(NO_MANUAL_VECTORIZATION)
#define NO_MANUAL_VECTORIZATION  // its prefetching looks up the number after a list's last
#endif
#include <hnswlib/hnswlib.h>
#undef cpuid
#undef xgetbv
#undef AVXCapable
#undef AVX512Capable

namespace likeness {

inline constexpr int kHighestLevel = 32;

}  // namespace likeness

namespace hnswlib {

/// hnswlib's own draws from a generator that all threads share, and may draw an infinite level.
template <>
inline int HierarchicalNSW<float>::getRandomLevel(double reverse_size) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::uniform_real_distribution<double> distribution(0.0, 1.0);
  return static_cast<int>(std::min(-std::log(1.0 - distribution(level_generator_)) * reverse_size,
                                   double{likeness::kHighestLevel}));
}

}  // namespace hnswlib
