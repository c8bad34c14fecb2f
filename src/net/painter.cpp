#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/painter.h>

#include "net/channel_affine.h"
#include "net/gaussian_transport.h"
#include "net/painter_parts.h"
#include "net/pixel_blocks.h"
#include "net/share_of.h"
#include "net/twice_as_large.h"

namespace likeness::net {
namespace {

/// The root of |x| with the sign of x, smooth at 0: covariances become comparable to deviations.
torch::Tensor signed_root(const torch::Tensor& x) {
  return x / (x.abs() + 1e-3).sqrt();
}

/// [N, channels] each, of a place where features do not enter.
torch::Tensor scales_in(const torch::Tensor& codes, const PainterPlace& place) {
  return codes.narrow(1, place.begin, place.channels);
}
torch::Tensor shifts_in(const torch::Tensor& codes, const PainterPlace& place) {
  return codes.narrow(1, place.begin + place.channels, place.channels);
}

/// What features are carried from: `use` in place of their own moments.
FeatureMoments own_moments(const torch::Tensor& features, std::size_t scale,
                           const PainterStatistics* use) {
  if (use == nullptr) return feature_moments(features);
  return {.mean = use->means.at(scale).unsqueeze(0),
          .covariance = use->covariances.at(scale).unsqueeze(0)};
}

}  // namespace

torch::Tensor PainterImpl::code(const PainterFeatures& style, const torch::Tensor& mask) {
  std::vector<torch::Tensor> means;
  std::vector<torch::Tensor> covariances;
  for (const torch::Tensor& features : style) {
    FeatureMoments own = feature_moments(features, mask);
    means.push_back(std::move(own.mean));
    covariances.push_back(std::move(own.covariance));
  }
  return code_from(means, covariances);
}

torch::Tensor PainterImpl::code(const PainterStatistics& style) {
  std::vector<torch::Tensor> means;
  std::vector<torch::Tensor> covariances;
  for (std::size_t s = 0; s < kPainterScales; ++s) {
    means.push_back(style.means.at(s).unsqueeze(0));
    covariances.push_back(style.covariances.at(s).unsqueeze(0));
  }
  return code_from(means, covariances);
}

torch::Tensor PainterImpl::code_from(const std::vector<torch::Tensor>& means,
                                     const std::vector<torch::Tensor>& covariances) {
  std::vector<torch::Tensor> statistics;
  for (std::size_t s = 0; s < kPainterScales; ++s) {
    statistics.push_back(means[s]);
    statistics.push_back((covariances[s].diagonal(0, 1, 2).clamp_min(0) + kVarianceEpsilon).sqrt());
  }
  for (std::size_t i = 0; i < projections_.size(); ++i)
    statistics.push_back(signed_root(at::matmul(at::matmul(projections_[i], covariances[i + 1]),
                                                projections_[i].t()))
                             .flatten(1));
  const torch::Tensor hidden =
      at::linear(at::cat(statistics, 1), hidden_weight_, hidden_bias_).relu();
  const torch::Tensor predicted = at::linear(hidden, code_weight_, code_bias_);
  std::vector<torch::Tensor> parts;
  std::int64_t from = 0;
  for (const PainterPlace& place : places_) {
    if (place.enters) {
      const std::size_t s = index_of(place.scale);
      parts.push_back(square_root(ridged(covariances[s])).flatten(1));
      parts.push_back(means[s]);
      continue;
    }
    parts.push_back(predicted.narrow(1, from, place.channels) + 1);
    parts.push_back(predicted.narrow(1, from + place.channels, place.channels));
    from += 2 * place.channels;
  }
  return at::cat(parts, 1);
}

PainterStatistics PainterImpl::statistics(const PainterFeatures& content,
                                          const torch::Tensor& mask) {
  PainterStatistics result;
  for (const torch::Tensor& features : content) {
    if (!features.defined()) break;
    const FeatureMoments own = feature_moments(features, mask);
    result.means.push_back(own.mean[0]);
    result.covariances.push_back(own.covariance[0]);
  }
  return result;
}

torch::Tensor PainterImpl::roots_in(const torch::Tensor& codes, PainterScale scale) const {
  const PainterPlace& place = places_[enter_places_[index_of(scale)]];
  return codes.narrow(1, place.begin, place.channels * place.channels)
      .view({-1, place.channels, place.channels});
}

torch::Tensor PainterImpl::means_in(const torch::Tensor& codes, PainterScale scale) const {
  const PainterPlace& place = places_[enter_places_[index_of(scale)]];
  return codes.narrow(1, place.begin + place.channels * place.channels, place.channels);
}

torch::Tensor PainterImpl::entering(const torch::Tensor& features, PainterScale scale,
                                    const PainterStyling& styling) {
  const FeatureMoments own = own_moments(features, index_of(scale), styling.use);
  const torch::Tensor roots = roots_in(styling.codes, scale);
  Carrying carrying = carrying_to(own, roots, means_in(styling.codes, scale));
  if (scale != PainterScale::coarse) {
    const ConvolutionImpl& enter = layer(enter_, index_of(scale));
    carrying = followed_by(carrying, enter.weight.flatten(1), enter.bias);
  }

  const torch::Tensor rows = features.permute({0, 2, 3, 1}).flatten(1, 2);
  std::vector<torch::Tensor> pictures;
  if (styling.maps.defined()) {
    const torch::Tensor shares = share_of(styling.maps, features);
    torch::Tensor sum = at::zeros_like(rows[0]);
    for (std::int64_t k = 0; k < roots.size(0); ++k)
      sum = sum + carried(rows[0], carrying, k) * shares.narrow(1, k, 1);
    pictures.push_back(sum);
  } else {
    for (std::int64_t n = 0; n < rows.size(0); ++n)
      pictures.push_back(carried(rows[n], carrying, n));
  }
  const torch::Tensor y = pictures.size() == 1 ? pictures[0].unsqueeze(0) : at::stack(pictures);
  return y.view({features.size(0), features.size(2), features.size(3), -1}).permute({0, 3, 1, 2});
}

torch::Tensor PainterImpl::styled(const torch::Tensor& x, const PainterPlace& place,
                                  const PainterStyling& styling, bool relu) {
  const torch::Tensor scale = scales_in(styling.codes, place);
  const torch::Tensor shift = shifts_in(styling.codes, place);
  if (!styling.maps.defined()) return channel_affine(x, scale, shift, relu);
  const torch::Tensor share = share_of(styling.maps, x);
  const auto over_picture = [&](const torch::Tensor& values) {
    return at::mm(share, values)
        .view({1, x.size(2), x.size(3), place.channels})
        .permute({0, 3, 1, 2});
  };
  const torch::Tensor y = (x * over_picture(scale)).add_(over_picture(shift));
  return relu ? y.relu() : y;
}

torch::Tensor PainterImpl::block(const torch::Tensor& x, std::size_t number,
                                 const PainterStyling& styling) {
  const PainterPlace& within = places_[block_places_[number]];
  const PainterPlace& behind = places_[block_places_[number] + 1];
  ConvolutionImpl& first = layer(blocks_, 2 * number);
  ConvolutionImpl& second = layer(blocks_, 2 * number + 1);
  const bool inference = !at::GradMode::is_enabled();
  const at::ScalarType type = inference && bf16_ ? at::kBFloat16 : x.scalar_type();
  if (!inference || styling.maps.defined()) {
    const torch::Tensor inner = styled(first.forward(x.to(type)), within, styling, true);
    return styled(second.forward(inner.to(type)), behind, styling, false).add_(x);
  }
  // In place of what nobody else has: each pass over memory counts.
  const torch::Tensor& codes = styling.codes;
  const torch::Tensor inner = first.forward(x.to(type));
  channel_affine_(inner, scales_in(codes, within), shifts_in(codes, within), true);
  add_channel_affine_(x, second.forward(inner), scales_in(codes, behind), shifts_in(codes, behind));
  return x;
}

torch::Tensor PainterImpl::all_blocks(torch::Tensor x, PainterScale scale,
                                      const PainterStyling& styling) {
  const std::size_t first = first_block_[index_of(scale)];
  for (std::int64_t i = 0; i < options.blocks[index_of(scale)]; ++i)
    x = block(x, first + static_cast<std::size_t>(i), styling);
  return x;
}

torch::Tensor PainterImpl::stage(const torch::Tensor& from, const PainterFeatures& content,
                                 PainterScale scale, const PainterStyling& styling) {
  const std::size_t s = index_of(scale);
  const torch::Tensor skipped = entering(content[s], scale, styling);
  const torch::Tensor x = add_twice_as_large(layer(rise_, s).forward(from), skipped);
  return all_blocks(x, scale, styling);
}

torch::Tensor PainterImpl::decode(const PainterFeatures& content, const PainterStyling& styling) {
  const torch::Tensor blocks = first_blocks(content, styling);
  return pixels_of_blocks(retouched(blocks, content, styling, styling.looks));
}

torch::Tensor PainterImpl::first_blocks(const PainterFeatures& content,
                                        const PainterStyling& styling) {
  LIKENESS_CHECK(styling.codes.dim() == 2 && styling.codes.size(1) == code_size_);
  LIKENESS_CHECK(styling.maps.defined() || styling.codes.size(0) == content[0].size(0));
  torch::Tensor x =
      entering(content[index_of(PainterScale::coarse)], PainterScale::coarse, styling);
  x = all_blocks(x, PainterScale::coarse, styling);
  x = stage(x, content, PainterScale::middle, styling);
  x = stage(x, content, PainterScale::fine, styling);
  const bool half = !at::GradMode::is_enabled() && bf16_;
  return paint_->forward(half ? x.to(at::kBFloat16) : x).to(at::kFloat).sigmoid_();
}

}  // namespace likeness::net
