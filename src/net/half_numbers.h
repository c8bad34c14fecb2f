#pragma once

/// bfloat16 as loops over rows see it: the upper half of a float.

#include <bit>
#include <cstdint>

#include <torch/types.h>

namespace likeness::net {

[[gnu::always_inline]] inline float wide(float x) {
  return x;
}
[[gnu::always_inline]] inline float wide(std::uint16_t x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}
[[gnu::always_inline]] inline void put(float& y, float x) {
  y = x;
}
/// To the nearest, of two the even one.
[[gnu::always_inline]] inline void put(std::uint16_t& y, float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  y = static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

inline std::uint16_t* halves(const torch::Tensor& x) {
  return reinterpret_cast<std::uint16_t*>(x.data_ptr<at::BFloat16>());
}

}  // namespace likeness::net
