#include <algorithm>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
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

torch::Tensor RetouchImpl::from_coarse(const PainterGlance& seen, const torch::Tensor& missed,
                                       at::ScalarType type) {
  const torch::Tensor sum = gated(missed, seen.coarse).to(type);
  const torch::Tensor within = gated(block_second_->forward(sum), seen.within);
  const torch::Tensor halved = gated(sum + block_first_->forward(within.to(type)), seen.halved);
  return at::pixel_shuffle(rise_to_middle_->forward(halved.to(type)), 2);
}

torch::Tensor RetouchImpl::forward(const PainterGlance& seen,
                                   const std::vector<torch::Tensor>& missed) {
  LIKENESS_CHECK(missed.size() == style.size());
  const bool inference = !at::GradMode::is_enabled();
  const at::ScalarType type = inference && bf16_ ? at::kBFloat16 : missed[0].scalar_type();
  const torch::Tensor error =
      looks_at_coarse() ? missed[1] + from_coarse(seen, missed[2], type) : missed[1];
  const torch::Tensor middle = within_->forward(gated(error, seen.middle).to(type));
  const torch::Tensor risen = rise_->forward(gated(middle, seen.inner).to(type));
  const torch::Tensor fine = at::pixel_shuffle(risen, 2) + missed[0];
  return pixels_->forward(gated(fine, seen.fine).to(type)).to(missed[0].scalar_type());
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
}

}  // namespace likeness::net
