#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/random.h>
#include <likeness/net/painter.h>

#include "net/normal_weights.h"
#include "net/painter_parts.h"

namespace likeness::net {
namespace {

constexpr std::int64_t kPaintedPixels =
    PainterEncoderImpl::kShuffled * PainterEncoderImpl::kShuffled;

ConvolutionOptions mirrored3(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .padding = {1, 1}, .reflect = true};
}

ConvolutionOptions point(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 1};
}

}  // namespace

PainterImpl::PainterImpl(const PainterOptions& given) : options(given) {
  const auto [fine, middle, coarse] = options.widths;
  LIKENESS_CHECK(0 < fine && fine < middle && middle < coarse);
  LIKENESS_CHECK(options.projected > 0 && options.hidden > 0);
  encoder = register_module("encoder", PainterEncoder(options.widths));
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (const PainterScale scale :
       {PainterScale::coarse, PainterScale::middle, PainterScale::fine}) {
    add_place(scale, true);
    first_block_[index_of(scale)] = block_places_.size();
    for (std::int64_t i = 0; i < options.blocks[index_of(scale)]; ++i) add_block(scale);
  }
  enter_ = register_module("enter", torch::nn::ModuleList());
  rise_ = register_module("rise", torch::nn::ModuleList());
  for (const auto& [from, to] : {std::pair{middle, fine}, std::pair{coarse, middle}}) {
    enter_->push_back(Convolution(point(to, to)));
    rise_->push_back(Convolution(point(from, to)));
  }
  paint_ = register_module(
      "paint", Convolution(mirrored3(fine, PainterEncoderImpl::kColours * kPaintedPixels)));

  const auto looks = register_module("retouch", torch::nn::ModuleList());
  for (const std::size_t scales : options.looks) {
    retouches.emplace_back(options.widths, scales);
    looks->push_back(retouches.back());
  }

  std::int64_t statistics = 0;
  for (const std::int64_t width : options.widths) statistics += 2 * width;
  for (const std::int64_t width : {middle, coarse}) {
    projections_.push_back(register_parameter("projection" + std::to_string(projections_.size()),
                                              torch::zeros({options.projected, width})));
    statistics += options.projected * options.projected;
  }
  std::int64_t predicted = 0;
  for (const PainterPlace& place : places_) predicted += place.enters ? 0 : 2 * place.channels;
  hidden_weight_ = register_parameter("hidden_weight", torch::zeros({options.hidden, statistics}));
  hidden_bias_ = register_parameter("hidden_bias", torch::zeros({options.hidden}));
  code_weight_ = register_parameter("code_weight", torch::zeros({predicted, options.hidden}));
  code_bias_ = register_parameter("code_bias", torch::zeros({predicted}));
}

void PainterImpl::add_place(PainterScale scale, bool enters) {
  if (enters) enter_places_[index_of(scale)] = places_.size();
  const std::int64_t channels = options.widths[index_of(scale)];
  const std::int64_t size = channels * ((enters ? channels : 1) + 1);
  places_.push_back(
      {.scale = scale, .channels = channels, .begin = code_size_, .size = size, .enters = enters});
  code_size_ += size;
}

void PainterImpl::add_block(PainterScale scale) {
  const std::int64_t channels = options.widths[index_of(scale)];
  block_places_.push_back(places_.size());
  for (int i = 0; i < 2; ++i) {
    blocks_->push_back(Convolution(mirrored3(channels, channels)));
    add_place(scale, false);
  }
}

void PainterImpl::initialise(std::uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  Random random(seed);
  for (const auto& item : named_parameters()) {
    const torch::Tensor& value = item.value();
    if (value.dim() < 2) {
      value.zero_();
      continue;
    }
    const auto inputs = static_cast<double>(value.numel()) / static_cast<double>(value.size(0));
    fill_normal(value, std::sqrt(2 / inputs), random);
  }
  // Pictures come in as −0.5 … 0.5; covariances are of what the projections keep.
  encoder->named_parameters()["0.weight"].mul_(3);
  for (const torch::Tensor& projection : projections_) projection.mul_(std::sqrt(0.5));
  code_weight_.mul_(0.1);
  for (Retouch& look : retouches) look->retrace(*encoder);
  // Blocks begin as small changes: nothing normalises what they add.
  for (std::size_t i = 1; i < blocks_->size(); i += 2) layer(blocks_, i).weight.mul_(0.3);
}

void PainterImpl::pack(std::int64_t side, bool bf16) {
  const std::int64_t fine = std::max<std::int64_t>(side / 2, 8);
  const std::array<std::int64_t, kPainterScales> sides = {fine, fine / 2, fine / 4};
  encoder->pack(side, bf16);
  const auto pack_all = [&](at::ScalarType type) {
    bool all = paint_->pack(fine, type);
    for (std::size_t i = 0; i < blocks_->size(); ++i)
      all =
          layer(blocks_, i).pack(sides[index_of(places_[block_places_[i / 2]].scale)], type) && all;
    return all;
  };
  bf16_ = bf16 && pack_all(at::kBFloat16);
  if (!bf16_) pack_all(at::kFloat);
  for (std::size_t s = 0; s < enter_->size(); ++s) layer(rise_, s).pack(sides[s + 1]);
  for (Retouch& look : retouches) look->pack(side, bf16);
}

}  // namespace likeness::net
