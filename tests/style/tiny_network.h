#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/vgg.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

/// Random weights of a network with few channels, the same in each run.
inline TensorMap tiny_weights(const std::vector<std::int64_t>& widths, bool lifts = false) {
  at::manual_seed(11);
  TensorMap weights;
  std::int64_t in = 3;
  std::size_t layer = 0;
  const auto names = net::vgg_layer_names(widths.size());
  for (std::size_t block = 0; block < widths.size(); ++block) {
    const auto count = net::vgg_layer_names(block + 1).size() - layer;
    // All convolutions up to the first of this block, then those behind it have its width too.
    for (std::size_t i = 0; i < count; ++i, ++layer) {
      const bool first = layer + 1 == net::vgg_layer_names(block + 1).size();
      const std::int64_t out = first ? widths[block] : widths[block - 1];
      const double size = std::sqrt(2.0 / static_cast<double>(9 * in));
      weights[names[layer] + ".weight"] = at::randn({out, in, 3, 3}) * size;
      weights[names[layer] + ".bias"] = at::rand({out}) * 0.1;
      in = out;
    }
  }
  if (!lifts) return weights;
  for (std::size_t block = 0; block < widths.size(); ++block) {
    const std::string prefix = "lift." + std::string(net::to_string(static_cast<net::Tap>(block)));
    weights[prefix + ".weight"] = at::randn({2 * widths[block], widths[block]}) * 0.5;
    weights[prefix + ".bias"] = at::randn({2 * widths[block]}) * 0.1;
  }
  return weights;
}

inline PerceptualNetwork tiny_network(bool lifts = false, bool bf16 = false) {
  return make_perceptual_network(tiny_weights({4, 6, 8, 10}, lifts), "tiny", at::kCPU,
                                 {.bf16 = bf16});
}

/// Smooth, coloured noise: float32 [1, 3, height, width] in 0…1, channels-last.
inline at::Tensor smooth_picture(std::int64_t height, std::int64_t width, std::uint64_t seed) {
  at::manual_seed(seed);
  const at::Tensor coarse = at::rand({1, 3, height / 4 + 2, width / 4 + 2});
  return at::upsample_bilinear2d(coarse, {height, width}, false)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace likeness
