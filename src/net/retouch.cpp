#include <algorithm>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/net/retouch.h>

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

/// What a gradient is behind the ReLU that gave `features`.
torch::Tensor gated(const torch::Tensor& gradient, const torch::Tensor& features) {
  return at::threshold_backward(gradient, features, 0);
}

}  // namespace

RetouchImpl::RetouchImpl(const std::array<std::int64_t, kPainterScales>& widths) {
  const std::int64_t fine = widths[0];
  const std::int64_t middle = widths[1];
  for (std::size_t s = 0; s < kScales; ++s) {
    const std::string name = std::to_string(s);
    style[s] = register_parameter("style" + name, torch::zeros({widths[s], widths[s]}));
    content[s] = register_parameter("content" + name, torch::zeros({widths[s], widths[s]}));
  }
  const auto square3 = [](std::int64_t in, std::int64_t out) {
    return ConvolutionOptions{.in = in, .out = out, .padding = {1, 1}};
  };
  within_ = register_module("within", Convolution(square3(middle, middle)));
  rise_ = register_module(
      "rise", Convolution(ConvolutionOptions{.in = middle, .out = 4 * fine, .kernel = 1}));
  pixels_ = register_module("pixels", Convolution(square3(fine, kBlockChannels)));
}

torch::Tensor RetouchImpl::forward(const PainterGlance& seen,
                                   const std::array<torch::Tensor, kScales>& missed) {
  const bool inference = !at::GradMode::is_enabled();
  const at::ScalarType type = inference && bf16_ ? at::kBFloat16 : missed[0].scalar_type();
  const torch::Tensor middle = within_->forward(gated(missed[1], seen.middle).to(type));
  const torch::Tensor risen = rise_->forward(gated(middle, seen.inner).to(type));
  const torch::Tensor fine = at::pixel_shuffle(risen, 2) + missed[0];
  return pixels_->forward(gated(fine, seen.fine).to(type)).to(missed[0].scalar_type());
}

void RetouchImpl::retrace(const PainterEncoderImpl& encoder) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t s = 0; s < kScales; ++s) {
    style[s].copy_(at::eye(style[s].size(0)) * kFirstStyle);
    content[s].copy_(at::eye(content[s].size(0)) * kFirstContent);
  }
  const auto filters = [&](int layer) {
    return encoder.named_parameters()[std::to_string(layer) + ".weight"];
  };
  pixels_->weight.copy_(turned(filters(0)));
  // 2 × 2 with a stride of 2: each input gives the four outputs of one position.
  rise_->weight.copy_(filters(1).flatten(1).t().view(rise_->weight.sizes()));
  within_->weight.copy_(turned(filters(2)));
}

void RetouchImpl::pack(std::int64_t side, bool bf16) {
  const std::int64_t fine = std::max<std::int64_t>(side / 2, 8);
  const auto pack_all = [&](at::ScalarType type) {
    const bool within = within_->pack(fine / 2, type);
    const bool rise = rise_->pack(fine / 2, type);
    return pixels_->pack(fine, type) && within && rise;
  };
  bf16_ = bf16 && pack_all(at::kBFloat16);
  if (!bf16_) pack_all(at::kFloat);
}

}  // namespace likeness::net
