#include "adain_shape.h"

#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace likeness::bench {
namespace {

constexpr std::array<std::int64_t, 10> kChannels = {3, 64, 64, 128, 128, 256, 256, 256, 256, 512};

/// Whether pooling follows the encoder's layer, and enlarging the decoder's.
bool halves_after(std::size_t layer) {
  return layer == 1 || layer == 3 || layer == 7;
}

}  // namespace

AdainShape::AdainShape() {
  at::manual_seed(1);
  const auto layer = [](std::int64_t in, std::int64_t out) {
    return Layer{.weight = at::randn({out, in, 3, 3}) * std::sqrt(2.0 / (9.0 * double(in))),
                 .bias = at::zeros({out})};
  };
  for (std::size_t i = 0; i + 1 < kChannels.size(); ++i)
    encoder_.push_back(layer(kChannels.at(i), kChannels.at(i + 1)));
  for (std::size_t i = kChannels.size() - 1; i > 0; --i)
    decoder_.push_back(layer(kChannels.at(i), kChannels.at(i - 1)));
}

at::Tensor AdainShape::run(const Layer& layer, const at::Tensor& x) {
  return at::conv2d(at::reflection_pad2d(x, {1, 1, 1, 1}), layer.weight, layer.bias);
}

at::Tensor AdainShape::encode(const at::Tensor& picture) const {
  const at::NoGradGuard no_gradients;
  at::Tensor x = picture;
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    x = run(encoder_[i], x).relu_();
    if (halves_after(i)) x = at::max_pool2d(x, {2, 2});
  }
  return x;
}

at::Tensor AdainShape::decode(const at::Tensor& content, const at::Tensor& style) const {
  const at::NoGradGuard no_gradients;
  const std::vector<std::int64_t> positions = {2, 3};
  at::Tensor x = (content - content.mean(positions, true)) / content.std(positions, true, true) *
                     style.std(positions, true, true) +
                 style.mean(positions, true);
  for (std::size_t i = 0; i < decoder_.size(); ++i) {
    x = run(decoder_[i], x);
    if (i + 1 < decoder_.size()) x.relu_();
    // The encoder's layer that this one mirrors is followed by pooling: enlarge before it.
    if (i == 0 || i == 4 || i == 6) x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  }
  return x;
}

}  // namespace likeness::bench
