#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/painter_encoder.h>

#include "net/pixel_blocks.h"

namespace likeness::net {
namespace {

/// The layers, in order.
enum EncoderLayer { to_fine, to_middle, within_middle, to_coarse, first_of_block, second_of_block };

constexpr double kMeanSquare = 0.25;

ConvolutionOptions reflecting(std::int64_t in, std::int64_t out, Activation activation) {
  return {.in = in, .out = out, .padding = {1, 1}, .reflect = true, .activation = activation};
}

/// Halves the size, without padding.
ConvolutionOptions halving(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 2, .stride = 2, .activation = Activation::relu};
}

/// What x has to be multiplied with; nothing can be done about nothing.
double factor_for(const torch::Tensor& x) {
  const double mean_square = x.square().mean().item<double>();
  return mean_square > 0 ? std::sqrt(kMeanSquare / mean_square) : 1;
}

}  // namespace

PainterEncoderImpl::PainterEncoderImpl(const std::array<std::int64_t, kPainterScales>& widths) {
  const auto [fine, middle, coarse] = widths;
  for (const ConvolutionOptions& options :
       {reflecting(kColours * kShuffled * kShuffled, fine, Activation::relu), halving(fine, middle),
        reflecting(middle, middle, Activation::relu), halving(middle, coarse),
        reflecting(coarse, coarse, Activation::relu), reflecting(coarse, coarse, Activation::none)})
    layers_.emplace_back(register_module(std::to_string(layers_.size()), Convolution(options)));
}

PainterFeatures PainterEncoderImpl::forward(const torch::Tensor& x) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(1) == kColours);
  LIKENESS_CHECK(x.size(2) % kStep == 0 && x.size(3) % kStep == 0);
  LIKENESS_CHECK(std::min(x.size(2), x.size(3)) >= 2 * kStep);
  const PainterGlance seen = glance(blocks_of_pixels(x, -kGrey));
  return {seen.fine.to(at::kFloat), seen.middle.to(at::kFloat), seen.coarse.to(at::kFloat)};
}

PainterGlance PainterEncoderImpl::glance(const torch::Tensor& blocks, std::size_t scales) {
  LIKENESS_CHECK(scales == kPainterScales || scales + 1 == kPainterScales);
  const bool inference = !at::GradMode::is_enabled();
  PainterGlance seen;
  seen.fine = layers_[to_fine]->forward(inference && bf16_ ? blocks.to(at::kBFloat16) : blocks);
  seen.inner = layers_[to_middle]->forward(seen.fine);
  seen.middle = layers_[within_middle]->forward(seen.inner);
  if (scales < kPainterScales) return seen;
  seen.halved = layers_[to_coarse]->forward(seen.middle);
  seen.within = layers_[first_of_block]->forward(seen.halved);
  seen.coarse = (seen.halved + layers_[second_of_block]->forward(seen.within)).relu_();
  return seen;
}

void PainterEncoderImpl::normalise(const torch::Tensor& pictures) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor x = blocks_of_pixels(pictures, -kGrey);
  // Each layer reads what the last one gives, times `gain`. What is linear but for ReLU is scaled
  // by its weights and bias; a bias also has to follow the scale of the inputs.
  double gain = 1;
  const auto scale = [](ConvolutionImpl& layer, double weight, double bias) {
    layer.weight.mul_(weight);
    layer.bias.mul_(bias);
  };
  for (const EncoderLayer index : {to_fine, to_middle, within_middle, to_coarse}) {
    ConvolutionImpl& layer = *layers_[index];
    scale(layer, 1, gain);
    x = layer.forward(x);
    const double factor = factor_for(x);
    scale(layer, factor, factor);
    x = x * factor;
    gain *= factor;
  }
  ConvolutionImpl& first = *layers_[first_of_block];
  ConvolutionImpl& second = *layers_[second_of_block];
  scale(first, 1, gain);
  const torch::Tensor inner = first.forward(x);
  const double within = factor_for(inner);
  scale(first, within, within);
  scale(second, 1 / within, gain);
  // The block's sum: both of its parts, and what reads the first of them, by one more factor.
  const double whole = factor_for((x + second.forward(inner * within)).relu());
  scale(*layers_[to_coarse], whole, whole);
  scale(first, 1 / whole, 1);
  scale(second, whole, whole);
}

void PainterEncoderImpl::pack(std::int64_t side, bool bf16) {
  const std::int64_t fine = std::max<std::int64_t>(side / 2, 8);
  const auto pack_all = [&](at::ScalarType type) {
    bool all = layers_[to_fine]->pack(fine, type);
    for (const EncoderLayer index :
         {to_middle, within_middle, to_coarse, first_of_block, second_of_block}) {
      const bool halves = index == to_middle || index == to_coarse;
      const std::int64_t given = index < to_coarse ? fine / 2 : fine / 4;
      all = layers_[index]->pack(halves ? 2 * given : given, type) && all;
    }
    return all;
  };
  bf16_ = bf16 && pack_all(at::kBFloat16);
  if (!bf16_) pack_all(at::kFloat);
}

}  // namespace likeness::net
