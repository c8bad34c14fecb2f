#pragma once

/// Activations that look like those of a network: at least 0, channels-last, always the same ones.

#include <ATen/ATen.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

inline at::Tensor waves(at::IntArrayRef shape, double phase) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  const at::Tensor t = at::arange(count, at::kDouble);
  return ((t * 1.7 + phase).sin() + (t * t * 0.013 + phase).cos()).view(shape);
}

inline at::Tensor feature_map(at::IntArrayRef shape, double phase = 0) {
  return waves(shape, phase).relu().contiguous(at::MemoryFormat::ChannelsLast);
}

/// A lift from `from` channels to `to`.
inline Lift some_lift(std::int64_t from, std::int64_t to) {
  return {.matrix = waves({to, from}, 0.3), .offset = waves({to}, 0.9)};
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace likeness
