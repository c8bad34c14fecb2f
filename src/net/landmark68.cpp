#include <array>
#include <cstdint>

#include <ATen/ATen.h>
#include <likeness/net/landmark68.h>

namespace likeness::net {
namespace {

constexpr std::array<std::int64_t, 4> kWidths = {32, 64, 128, 256};  ///< of the blocks
constexpr std::size_t kInner = 3;  ///< layers of a block behind the one that halves the size

SeparableConvolutionImpl& separable(const torch::nn::ModuleList& list, std::size_t index) {
  return *(*list)[index]->as<SeparableConvolutionImpl>();
}

/// TensorFlow's SAME on an even size.
Padding padding_for(std::int64_t stride) {
  return stride == 2 ? Padding{0, 1} : Padding{1, 1};
}

}  // namespace

SeparableConvolutionImpl::SeparableConvolutionImpl(std::int64_t in, std::int64_t out,
                                                   std::int64_t stride) {
  filter = register_module(
      "filter",
      Convolution(ConvolutionOptions{
          .in = in, .out = in, .stride = stride, .padding = padding_for(stride), .groups = in}));
  mix = register_module("mix", Convolution(ConvolutionOptions{.in = in, .out = out, .kernel = 1}));
}

torch::Tensor SeparableConvolutionImpl::forward(const torch::Tensor& x) {
  return mix->forward(filter->forward(x));
}

void SeparableConvolutionImpl::pack(std::int64_t size) {
  filter->pack(size);
  mix->pack(size / filter->options.stride);
}

Landmark68Impl::Landmark68Impl() {
  stem = register_module("stem",
                         Convolution(ConvolutionOptions{
                             .in = 3, .out = kWidths[0], .stride = 2, .padding = padding_for(2)}));
  halving = register_module("halving", torch::nn::ModuleList());
  inner = register_module("inner", torch::nn::ModuleList());
  for (std::size_t block = 0; block < kWidths.size(); ++block) {
    if (block > 0) halving->push_back(SeparableConvolution(kWidths[block - 1], kWidths[block], 2));
    for (std::size_t i = 0; i < kInner; ++i)
      inner->push_back(SeparableConvolution(kWidths[block], kWidths[block], 1));
  }
  points = register_module("points", Convolution(ConvolutionOptions{
                                         .in = kWidths.back(), .out = 2 * kPoints, .kernel = 1}));
}

torch::Tensor Landmark68Impl::forward(const torch::Tensor& x) {
  torch::Tensor y = x;
  for (std::size_t block = 0; block < kWidths.size(); ++block) {
    torch::Tensor sum = block == 0 ? stem->forward(y) : separable(halving, block - 1).forward(y);
    sum = sum.relu();
    y = sum;
    // Each layer sees the sum of what all layers of the block said before.
    for (std::size_t i = 0; i < kInner; ++i) {
      sum = sum + separable(inner, block * kInner + i).forward(y);
      y = sum.relu();
    }
  }
  return points->forward(y.mean({2, 3}, true)).flatten(1);
}

void Landmark68Impl::pack() {
  stem->pack(kInputSize);
  std::int64_t size = kInputSize / 2;
  for (std::size_t block = 0; block < kWidths.size(); ++block) {
    if (block > 0) {
      separable(halving, block - 1).pack(size);
      size /= 2;
    }
    for (std::size_t i = 0; i < kInner; ++i) separable(inner, block * kInner + i).pack(size);
  }
  points->pack(1);
}

}  // namespace likeness::net
