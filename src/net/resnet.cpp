#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/net/resnet.h>

#include "net/packed_convolution.h"

namespace likeness::net {

ResidualBlockImpl::ResidualBlockImpl(std::int64_t in, std::int64_t out, bool halve_size)
    : halve(halve_size) {
  const std::int64_t stride = halve ? 2 : 1;
  const Padding first = halve ? Padding{0, 0} : Padding{1, 1};
  conv1 = register_module("conv1", Convolution(ConvolutionOptions{.in = in,
                                                                  .out = out,
                                                                  .stride = stride,
                                                                  .padding = first,
                                                                  .activation = Activation::relu}));
  conv2 = register_module(
      "conv2", Convolution(ConvolutionOptions{.in = out, .out = out, .padding = {1, 1}}));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  const auto y = conv2->forward(conv1->forward(x));
  if (!halve) return y.add_(x).relu_();

  // The average covers fewer channels than y, and can differ from it by a row and a column: what is
  // missing on either side counts as zero.
  const auto shortcut = at::avg_pool2d(x, 2, 2);
  const auto height = std::max(y.size(2), shortcut.size(2));
  const auto width = std::max(y.size(3), shortcut.size(3));
  const auto pad_to = [&](const torch::Tensor& t, std::int64_t channels) {
    return at::constant_pad_nd(
        t, {0, width - t.size(3), 0, height - t.size(2), 0, channels - t.size(1)}, 0);
  };
  if (y.size(2) == height && y.size(3) == width &&
      shortcut.sizes().slice(2) == y.sizes().slice(2)) {
    y.narrow(1, 0, shortcut.size(1)).add_(shortcut);
    return y.relu_();
  }
  return pad_to(y, y.size(1)).add_(pad_to(shortcut, y.size(1))).relu_();
}

std::int64_t ResidualBlockImpl::pack(std::int64_t size) {
  conv1->pack(size);
  const std::int64_t inner = halve ? (size - 3) / 2 + 1 : size;
  conv2->pack(inner);
  return std::max(inner, halve ? size / 2 : size);
}

ResNetImpl::ResNetImpl() {
  stem = register_module(
      "stem", Convolution(ConvolutionOptions{
                  .in = 3, .out = 32, .kernel = 7, .stride = 2, .activation = Activation::relu}));
  blocks = register_module("blocks", torch::nn::ModuleList());
  std::int64_t in = 32;
  const auto add = [&](std::int64_t out, bool halve) {
    blocks->push_back(ResidualBlock(in, out, halve));
    in = out;
  };
  for (int i = 0; i < 3; ++i) add(32, false);
  add(64, true);
  for (int i = 0; i < 3; ++i) add(64, false);
  add(128, true);
  for (int i = 0; i < 2; ++i) add(128, false);
  add(256, true);
  for (int i = 0; i < 2; ++i) add(256, false);
  add(256, true);
  projection = register_parameter("projection", torch::zeros({kDimensions, 256}));
}

torch::Tensor ResNetImpl::forward(const torch::Tensor& x) {
  auto y = at::max_pool2d(stem->forward(x), 3, 2);
  for (const auto& block : *blocks) y = block->as<ResidualBlock>()->forward(y);
  y = y.mean({2, 3}, true);
  if (packed_projection_ && packed_projection_->accepts(y))
    return packed_projection_->run(y).flatten(1);
  return at::linear(y.flatten(1).to(projection.scalar_type()), projection);
}

void ResNetImpl::pack() {
  stem->pack(kInputSize);
  std::int64_t size = (kInputSize - 7) / 2 + 1;
  size = (size - 3) / 2 + 1;
  for (const auto& block : *blocks) size = block->as<ResidualBlock>()->pack(size);
  // A matrix product would go to the system's BLAS, which has threads of its own.
  const torch::NoGradGuard no_gradients;
  packed_projection_ =
      PackedConvolution::make(projection.view({kDimensions, -1, 1, 1}),
                              at::zeros({kDimensions}, projection.options()), {.size = 1});
}

}  // namespace likeness::net
