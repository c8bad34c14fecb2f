#pragma once

/// Squared distances with the widest vectors that the processor has, chosen when the program runs:
/// one binary is fast everywhere. Rows are padded with zeros to a multiple of kRowStep.

#include <cstddef>
#include <cstdint>

namespace likeness {

inline constexpr std::size_t kRowStep = 32;

/// Numbers that a row of `dimensions` takes with its padding.
constexpr std::size_t padded(std::size_t dimensions) {
  return (dimensions + kRowStep - 1) / kRowStep * kRowStep;
}

struct DistanceKernels {
  /// Of two float rows; the third points to their padded size. The signature is hnswlib's.
  float (*squared)(const void* a, const void* b, const void* size);
  /// Of a float row to each of `count` rows of bfloat16, one after the other.
  void (*squared_bf16)(const float* probe, const std::uint16_t* rows, std::size_t count,
                       std::size_t size, float* distances);
  /// Of two rows of bytes. `size`: at most 65,536.
  std::uint32_t (*squared_int8)(const std::int8_t* a, const std::int8_t* b, std::size_t size);
};

/// Those of this processor.
const DistanceKernels& distance_kernels();

/// Rounds `size` numbers to bfloat16. Returns how far the rounded row lies from the row.
float round_to_bf16(const float* row, std::size_t size, std::uint16_t* rounded);

}  // namespace likeness
