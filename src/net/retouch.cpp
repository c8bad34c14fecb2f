#include <algorithm>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/retouch.h>

#include "net/gated.h"

namespace likeness::net {
namespace {

constexpr std::int64_t kBlockChannels =
    PainterEncoderImpl::kColours * PainterEncoderImpl::kShuffled * PainterEncoderImpl::kShuffled;
/// Of the features' errors: a first step moves pixels by about a hundredth.
constexpr double kFirstStyle = 0.014;
constexpr double kFirstContent = 0.0015;

/// The gradient's way back through a convolution with these filters, as a convolution.
torch::Tensor turned(const torch::Tensor& filters) {
  return filters.transpose(0, 1).flip({2, 3});
}

/// `layer` with its outputs in the order that gated_rise takes, packed.
Convolution packed_by_pixel(ConvolutionImpl& layer, std::int64_t size, at::ScalarType type) {
  const torch::NoGradGuard no_gradients;
  Convolution packed(layer.options);
  const auto ordered = [](const torch::Tensor& x) {
    return x.view({x.size(0) / 4, 4, -1}).transpose(0, 1).reshape(x.sizes());
  };
  packed->weight.copy_(ordered(layer.weight));
  packed->bias.copy_(ordered(layer.bias));
  return packed->pack(size, type) ? packed : Convolution(nullptr);
}

/// What `from` gives at twice its size by `layer`, + error, behind the ReLU that gave `features`;
/// `by_pixel`: the same layer for gated_rise, or none.
torch::Tensor risen(ConvolutionImpl& layer, Convolution& by_pixel, const torch::Tensor& from,
                    const torch::Tensor& error, const torch::Tensor& features) {
  if (!by_pixel.is_empty() && has_gated_rise(features) &&
      features.scalar_type() == from.scalar_type())
    return gated_rise(by_pixel->forward(from), error, features);
  return gated(at::pixel_shuffle(layer.forward(from), 2) + error, features, from.scalar_type());
}

}  // namespace

RetouchImpl::RetouchImpl(const std::array<std::int64_t, kPainterScales>& widths,
                         std::size_t scales) {
  LIKENESS_CHECK(scales == kPainterScales || scales + 1 == kPainterScales);
  const auto [fine, middle, coarse] = widths;
  for (std::size_t s = 0; s < scales; ++s) {
    const std::string name = std::to_string(s);
    style.push_back(register_parameter("style" + name, torch::zeros({widths[s], widths[s]})));
    content.push_back(register_parameter("content" + name, torch::zeros({widths[s], widths[s]})));
  }
  const auto square3 = [](std::int64_t in, std::int64_t out) {
    return ConvolutionOptions{.in = in, .out = out, .padding = {1, 1}};
  };
  const auto to_four = [](std::int64_t in, std::int64_t out) {
    return ConvolutionOptions{.in = in, .out = 4 * out, .kernel = 1};
  };
  if (looks_at_coarse()) {
    block_second_ = register_module("block_second", Convolution(square3(coarse, coarse)));
    block_first_ = register_module("block_first", Convolution(square3(coarse, coarse)));
    rise_to_middle_ = register_module("rise_to_middle", Convolution(to_four(coarse, middle)));
  }
  within_ = register_module("within", Convolution(square3(middle, middle)));
  rise_ = register_module("rise", Convolution(to_four(middle, fine)));
  pixels_ = register_module("pixels", Convolution(square3(fine, kBlockChannels)));
}

torch::Tensor RetouchImpl::middle_error(const PainterGlance& seen,
                                        const std::vector<torch::Tensor>& missed,
                                        at::ScalarType type) {
  if (!looks_at_coarse()) return gated(missed[1], seen.middle, type);
  const torch::Tensor sum = gated(missed[2], seen.coarse, type);
  const torch::Tensor within = gated(block_second_->forward(sum), seen.within, type);
  const torch::Tensor halved = gated(sum + block_first_->forward(within), seen.halved, type);
  return risen(*rise_to_middle_, middle_by_pixel_, halved, missed[1], seen.middle);
}

torch::Tensor RetouchImpl::forward(const PainterGlance& seen,
                                   const std::vector<torch::Tensor>& missed) {
  LIKENESS_CHECK(missed.size() == style.size());
  const bool inference = !at::GradMode::is_enabled();
  const at::ScalarType type = inference && bf16_ ? at::kBFloat16 : missed[0].scalar_type();
  const torch::Tensor middle = within_->forward(middle_error(seen, missed, type));
  const torch::Tensor fine =
      risen(*rise_, fine_by_pixel_, gated(middle, seen.inner, type), missed[0], seen.fine);
  return pixels_->forward(fine).to(missed[0].scalar_type());
}

void RetouchImpl::retrace(const PainterEncoderImpl& encoder) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t s = 0; s < style.size(); ++s) {
    style[s].copy_(at::eye(style[s].size(0)) * kFirstStyle);
    content[s].copy_(at::eye(content[s].size(0)) * kFirstContent);
  }
  const auto filters = [&](int layer) {
    return encoder.named_parameters()[std::to_string(layer) + ".weight"];
  };
  // 2 × 2 with a stride of 2: each input gives the four outputs of one position.
  const auto rise = [&](ConvolutionImpl& layer, int halving) {
    layer.weight.copy_(filters(halving).flatten(1).t().view(layer.weight.sizes()));
  };
  pixels_->weight.copy_(turned(filters(0)));
  rise(*rise_, 1);
  within_->weight.copy_(turned(filters(2)));
  if (!looks_at_coarse()) return;
  rise(*rise_to_middle_, 3);
  block_first_->weight.copy_(turned(filters(4)));
  block_second_->weight.copy_(turned(filters(5)));
}

void RetouchImpl::pack(std::int64_t side, bool bf16) {
  const std::int64_t fine = std::max<std::int64_t>(side / 2, 8);
  std::vector<std::pair<Convolution, std::int64_t>> layers = {
      {within_, fine / 2}, {rise_, fine / 2}, {pixels_, fine}};
  if (looks_at_coarse())
    for (const Convolution& layer : {block_second_, block_first_, rise_to_middle_})
      layers.emplace_back(layer, fine / 4);
  const auto pack_all = [&](at::ScalarType type) {
    bool all = true;
    for (auto& [layer, given] : layers) all = layer->pack(given, type) && all;
    return all;
  };
  bf16_ = bf16 && pack_all(at::kBFloat16);
  if (!bf16_) pack_all(at::kFloat);
  const at::ScalarType type = bf16_ ? at::kBFloat16 : at::kFloat;
  fine_by_pixel_ = packed_by_pixel(*rise_, fine / 2, type);
  if (looks_at_coarse()) middle_by_pixel_ = packed_by_pixel(*rise_to_middle_, fine / 4, type);
}

}  // namespace likeness::net
