#include "gallery/distance.h"

#include <bit>
#include <cmath>

#if defined(__x86_64__) && defined(__GNUC__)
#define LIKENESS_X86_KERNELS
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined lanes of its own intrinsics for a mistake (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace likeness {
namespace {

float from_bf16(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

float sum_of(const float (&sums)[8]) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// Eight sums beside one another: a compiler may make vectors of them, one sum it may not.
float squared_plain(const void* first, const void* second, const void* size) {
  const auto* a = static_cast<const float*>(first);
  const auto* b = static_cast<const float*>(second);
  float sums[8] = {};
  for (std::size_t i = 0; i < *static_cast<const std::size_t*>(size); i += 8)
    for (std::size_t j = 0; j < 8; ++j) {
      const float difference = a[i + j] - b[i + j];
      sums[j] += difference * difference;
    }
  return sum_of(sums);
}

void squared_bf16_plain(const float* probe, const std::uint16_t* rows, std::size_t count,
                        std::size_t size, float* distances) {
  for (std::size_t row = 0; row < count; ++row, rows += size) {
    float sums[8] = {};
    for (std::size_t i = 0; i < size; i += 8)
      for (std::size_t j = 0; j < 8; ++j) {
        const float difference = probe[i + j] - from_bf16(rows[i + j]);
        sums[j] += difference * difference;
      }
    distances[row] = sum_of(sums);
  }
}

std::uint32_t squared_int8_plain(const std::int8_t* a, const std::int8_t* b, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const int difference = a[i] - b[i];
    sum += static_cast<std::uint32_t>(difference * difference);
  }
  return sum;
}

#ifdef LIKENESS_X86_KERNELS

#define LIKENESS_AVX2 __attribute__((target("avx2,fma")))
#define LIKENESS_AVX512 __attribute__((target("avx512f,avx512bw")))

LIKENESS_AVX2 inline float sum_of(__m256 first, __m256 second) {
  const __m256 both = _mm256_add_ps(first, second);
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_shuffle_ps(sum, sum, 1)));
}

LIKENESS_AVX2 float squared_avx2(const void* first, const void* second, const void* size) {
  const auto* a = static_cast<const float*>(first);
  const auto* b = static_cast<const float*>(second);
  __m256 sums[4] = {};
  for (std::size_t i = 0; i < *static_cast<const std::size_t*>(size); i += 32)
    for (std::size_t j = 0; j < 4; ++j) {
      const __m256 difference =
          _mm256_sub_ps(_mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j));
      sums[j] = _mm256_fmadd_ps(difference, difference, sums[j]);
    }
  return sum_of(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
}

/// So far ahead of a scan, in bytes: what it reads next is on its way by then.
constexpr std::size_t kAhead = 2048;

inline void fetch_row(const std::uint16_t* row, std::size_t size) {
  const auto* bytes = reinterpret_cast<const char*>(row);
  for (std::size_t i = 0; i < size * sizeof(*row); i += 64)
    _mm_prefetch(bytes + kAhead + i, _MM_HINT_T0);
}

LIKENESS_AVX2 void squared_bf16_avx2(const float* probe, const std::uint16_t* rows,
                                     std::size_t count, std::size_t size, float* distances) {
  for (std::size_t row = 0; row < count; ++row, rows += size) {
    fetch_row(rows, size);
    __m256 sums[4] = {};
    for (std::size_t i = 0; i < size; i += 32)
      for (std::size_t j = 0; j < 4; ++j) {
        const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows + i + 8 * j));
        const __m256 number =
            _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
        const __m256 difference = _mm256_sub_ps(_mm256_loadu_ps(probe + i + 8 * j), number);
        sums[j] = _mm256_fmadd_ps(difference, difference, sums[j]);
      }
    distances[row] = sum_of(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
  }
}

LIKENESS_AVX2 std::uint32_t squared_int8_avx2(const std::int8_t* a, const std::int8_t* b,
                                              std::size_t size) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t i = 0; i < size; i += 16) {
    const __m256i difference = _mm256_sub_epi16(
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i))),
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i))));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(difference, difference));
  }
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(sum));
}

LIKENESS_AVX512 float squared_avx512(const void* first, const void* second, const void* size) {
  const auto* a = static_cast<const float*>(first);
  const auto* b = static_cast<const float*>(second);
  __m512 sums[2] = {};
  for (std::size_t i = 0; i < *static_cast<const std::size_t*>(size); i += 32)
    for (std::size_t j = 0; j < 2; ++j) {
      const __m512 difference =
          _mm512_sub_ps(_mm512_loadu_ps(a + i + 16 * j), _mm512_loadu_ps(b + i + 16 * j));
      sums[j] = _mm512_fmadd_ps(difference, difference, sums[j]);
    }
  return _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
}

LIKENESS_AVX512 void squared_bf16_avx512(const float* probe, const std::uint16_t* rows,
                                         std::size_t count, std::size_t size, float* distances) {
  for (std::size_t row = 0; row < count; ++row, rows += size) {
    fetch_row(rows, size);
    __m512 sums[2] = {};
    for (std::size_t i = 0; i < size; i += 32)
      for (std::size_t j = 0; j < 2; ++j) {
        const __m256i halves =
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + i + 16 * j));
        const __m512 number =
            _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
        const __m512 difference = _mm512_sub_ps(_mm512_loadu_ps(probe + i + 16 * j), number);
        sums[j] = _mm512_fmadd_ps(difference, difference, sums[j]);
      }
    distances[row] = _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
  }
}

LIKENESS_AVX512 std::uint32_t squared_int8_avx512(const std::int8_t* a, const std::int8_t* b,
                                                  std::size_t size) {
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t i = 0; i < size; i += 32) {
    const __m512i difference = _mm512_sub_epi16(
        _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i))),
        _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i))));
    sums = _mm512_add_epi32(sums, _mm512_madd_epi16(difference, difference));
  }
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi32(sums));
}

#endif

DistanceKernels choose_kernels() {
#ifdef LIKENESS_X86_KERNELS
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
    return {squared_avx512, squared_bf16_avx512, squared_int8_avx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {squared_avx2, squared_bf16_avx2, squared_int8_avx2};
#endif
  return {squared_plain, squared_bf16_plain, squared_int8_plain};
}

}  // namespace

const DistanceKernels& distance_kernels() {
  static const DistanceKernels kernels = choose_kernels();
  return kernels;
}

float round_to_bf16(const float* row, std::size_t size, std::uint16_t* rounded) {
  double squares = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(row[i]);
    rounded[i] = static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    const double error = static_cast<double>(row[i]) - from_bf16(rounded[i]);
    squares += error * error;
  }
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace likeness
