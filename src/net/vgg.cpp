#include <algorithm>
#include <array>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/net/vgg.h>

#include "net/reflect_convolution.h"

namespace likeness::net {
namespace {

constexpr std::array<std::string_view, kTaps> kTapNames = {"relu1_1", "relu2_1", "relu3_1",
                                                           "relu4_1", "relu5_1"};
/// Convolutions of VGG-19's blocks before the last.
constexpr std::array<int, kTaps> kConvolutions = {2, 2, 4, 4, 4};

int convolutions_of(std::size_t block, std::size_t blocks) {
  return block + 1 == blocks ? 1 : kConvolutions.at(block);
}

torch::Tensor pool(const torch::Tensor& x, Pooling pooling) {
  return pooling == Pooling::maximum ? at::max_pool2d(x, {2, 2}) : at::avg_pool2d(x, {2, 2});
}

}  // namespace

std::string_view to_string(Tap tap) {
  return kTapNames.at(static_cast<std::size_t>(tap));
}

Tap tap_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kTapNames.size(); ++i)
    if (kTapNames.at(i) == name) return static_cast<Tap>(i);
  throw Error(
      ErrorCode::invalid_argument,
      "'" + std::string(name) + "' is no layer; use relu1_1, relu2_1, relu3_1, relu4_1 or relu5_1");
}

std::vector<std::string> vgg_layer_names(std::size_t blocks) {
  LIKENESS_CHECK(blocks >= 1 && blocks <= kTaps);
  std::vector<std::string> names;
  int index = 0;  // torchvision counts convolutions, ReLUs and poolings
  for (std::size_t block = 0; block < blocks; ++block) {
    for (int i = 0; i < convolutions_of(block, blocks); ++i, index += 2)
      names.push_back("features." + std::to_string(index));
    ++index;
  }
  return names;
}

VggImpl::VggImpl(const VggOptions& given) : options(given) {
  const std::size_t blocks = options.widths.size();
  LIKENESS_CHECK(blocks >= 1 && blocks <= kTaps);
  if (options.tap_widths.empty()) options.tap_widths = options.widths;
  LIKENESS_CHECK(options.tap_widths.size() == blocks &&
                 options.tap_widths.back() == options.widths.back());
  const std::vector<std::string> names = vgg_layer_names(blocks);
  std::int64_t in = 3;
  for (std::size_t block = 0; block < blocks; ++block)
    for (int i = 0; i < convolutions_of(block, blocks); ++i) {
      const std::int64_t width = options.widths[block];
      const std::int64_t out = i == 0 ? options.tap_widths[block] : width;
      LIKENESS_CHECK(width > 0 && out >= width);
      const std::string& name = names[weights.size()];
      // Modules may not have dots in the names of their parameters: "features" and "0" are modules.
      const std::size_t dot = name.find('.');
      if (!features_) features_ = register_module(name.substr(0, dot), Group());
      Group layer = features_->register_module(name.substr(dot + 1), Group());
      weights.push_back(layer->register_parameter("weight", torch::zeros({out, in, 3, 3})));
      biases.push_back(layer->register_parameter("bias", torch::zeros({out})));
      in = width;
    }
}

std::int64_t VggImpl::reach(Tap last) {
  std::int64_t reach = 0;
  std::int64_t pixels = 1;  // of the picture under one position
  const auto blocks = static_cast<std::size_t>(last) + 1;
  for (std::size_t block = 0; block < blocks; ++block, pixels *= 2)
    reach += convolutions_of(block, blocks) * pixels;
  return reach;
}

std::vector<torch::Tensor> VggImpl::forward(const torch::Tensor& x, Tap last) {
  const auto blocks = static_cast<std::size_t>(last) + 1;
  LIKENESS_CHECK(blocks <= options.widths.size() && x.dim() == 4 && x.size(1) == 3);
  LIKENESS_CHECK(std::min(x.size(2), x.size(3)) >= smallest_side(last));
  std::vector<torch::Tensor> taps;
  torch::Tensor y = x;
  std::size_t layer = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    if (block > 0) y = pool(y, options.pooling);
    for (int i = 0; i < convolutions_of(block, blocks); ++i, ++layer) {
      const auto type = y.scalar_type();
      const torch::Tensor weight = weights[layer].to(type);
      if (y.size(1) > weight.size(1))
        y = y.narrow(1, 0, weight.size(1)).contiguous(at::MemoryFormat::ChannelsLast);
      const torch::Tensor bias = biases[layer].to(type);
      const bool learns = weight.requires_grad() || bias.requires_grad();
      y = learns ? padded_convolution_relu(y, weight, bias)
                 : reflect_convolution_relu(y, weight, bias);
      if (i == 0) taps.push_back(y);
    }
  }
  return taps;
}

}  // namespace likeness::net
