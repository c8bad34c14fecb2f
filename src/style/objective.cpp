#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/style/objective.h>
#include <torch/csrc/autograd/autograd.h>

#include "style/mask_at.h"
#include "style/tile.h"

namespace likeness {
namespace {

using net::Tap;

const at::Tensor& of(const std::vector<at::Tensor>& features, Tap tap) {
  return features.at(static_cast<std::size_t>(tap));
}

/// With the mean, the moments of some positions as their share in all of them.
Moments scaled(const Moments& moments, double share) {
  return {.mean = moments.mean * share, .second = moments.second * share};
}

void add(std::vector<Moments>& sum, const std::vector<Moments>& parts) {
  if (sum.empty()) {
    sum = parts;
    return;
  }
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] = {.mean = sum[i].mean + parts[i].mean, .second = sum[i].second + parts[i].second};
}

}  // namespace

class StyleObjective::Parts {
 public:
  Parts(const PerceptualNetwork& network, const at::Tensor& content, std::vector<StylePart> styles,
        const CostWeights& weights, std::int64_t tile_side);

  Costs evaluate(const at::Tensor& picture, at::Tensor* gradient) const;

 private:
  using Features = std::vector<at::Tensor>;
  using Sums = std::map<Tap, std::vector<Moments>>;  ///< per tap, for each style

  Features inner_features(const at::Tensor& tile_picture, const Tile& tile) const;
  at::Tensor content_part(const Features& features, const Tile& tile) const;
  Sums moments_of(const Features& features, const Tile& tile) const;
  Moments as_compared(const Moments& moments, Tap tap) const;
  at::Tensor style_of(const Sums& sums) const;
  at::Tensor sliced_style_of(const Features& features) const;
  at::Tensor variation_of(const at::Tensor& picture) const;
  Costs evaluate_whole(const at::Tensor& picture, at::Tensor* gradient) const;
  Costs evaluate_tiles(const at::Tensor& picture, at::Tensor* gradient) const;
  void add_tile_gradient(const at::Tensor& picture, const Tile& tile, const Sums& slopes,
                         at::Tensor& gradient) const;
  at::Tensor zero() const { return at::zeros({}, at::TensorOptions(network_.device())); }

  const PerceptualNetwork& network_;
  std::vector<StylePart> styles_;
  CostWeights weights_;
  Tap last_;
  std::int64_t height_;
  std::int64_t width_;
  std::vector<Tile> tiles_;
  std::map<Tap, LiftMetric> metrics_;
  std::map<Tap, at::Tensor> content_;            ///< activations before the lift
  std::map<Tap, std::vector<Moments>> moments_;  ///< per tap, of each style, as they are compared
  std::map<Tap, std::vector<at::Tensor>>
      style_weights_;  ///< per tap and style: [H, W] or undefined
};

StyleObjective::Parts::Parts(const PerceptualNetwork& network, const at::Tensor& content,
                             std::vector<StylePart> styles, const CostWeights& weights,
                             std::int64_t tile_side)
    : network_(network),
      styles_(std::move(styles)),
      weights_(weights),
      last_(weights.last_tap()),
      height_(content.size(2)),
      width_(content.size(3)),
      tiles_(tiles_of(height_, width_, tile_side, last_)) {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last_); ++i) {
    const auto tap = static_cast<Tap>(i);
    metrics_[tap] = metric_of(network.lift(tap), network.layers().tap_widths[i]);
  }
  for (const auto& [tap, weight] : weights_.style_layers)
    for (const StylePart& style : styles_) {
      style_weights_[tap].push_back(mask_at(style.mask, at_tap(height_, tap), at_tap(width_, tap)));
      if (const auto found = style.target.moments.find(tap); found != style.target.moments.end())
        moments_[tap].push_back(as_compared(found->second, tap));
    }
  if (!(weights_.content > 0)) return;
  for (const Tile& tile : tiles_) {
    const Features features = inner_features(tile.cut(content), tile);
    for (const auto& [tap, weight] : weights_.content_layers) {
      if (!(weight > 0)) continue;
      const at::Tensor part = of(features, tap);
      at::Tensor& whole = content_[tap];
      if (!whole.defined())
        whole = at::empty({1, part.size(1), at_tap(height_, tap), at_tap(width_, tap)},
                          part.options(), at::MemoryFormat::ChannelsLast);
      tile.inside(whole, tap).copy_(part);
    }
  }
}

/// The activations of the tile's inner part, from those of the tile with its border.
StyleObjective::Parts::Features StyleObjective::Parts::inner_features(
    const at::Tensor& tile_picture, const Tile& tile) const {
  Features features = network_.features(tile_picture, last_);
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i] = tile.inner(features[i], static_cast<Tap>(i));
  }
  return features;
}

at::Tensor StyleObjective::Parts::content_part(const Features& features, const Tile& tile) const {
  at::Tensor sum = zero();
  if (!(weights_.content > 0)) return sum;
  for (const auto& [tap, weight] : weights_.content_layers) {
    if (!(weight > 0)) continue;
    sum = sum + lifted_content_cost(of(features, tap), tile.inside(content_.at(tap), tap),
                                    metrics_.at(tap)) *
                    (weight * tile.share(tap));
  }
  return sum;
}

StyleObjective::Parts::Sums StyleObjective::Parts::moments_of(const Features& features,
                                                              const Tile& tile) const {
  Sums sums;
  for (const auto& [tap, weight] : weights_.style_layers) {
    if (!(weight > 0) || !(weights_.style > 0)) continue;
    const std::vector<at::Tensor>& masks = style_weights_.at(tap);
    Moments everywhere;  // the same for all styles without a mask
    for (const at::Tensor& mask : masks) {
      if (!mask.defined()) {
        if (!everywhere.mean.defined())
          everywhere = scaled(moments(of(features, tap)), tile.share(tap));
        sums[tap].push_back(everywhere);
        continue;
      }
      const at::Tensor part = tile.inside(mask, tap);
      const double share = (part.sum() / mask.sum()).item<double>();
      // Moments of nothing: those of all positions, with weight 0.
      sums[tap].push_back(share > 0 ? scaled(moments(of(features, tap), part), share)
                                    : scaled(moments(of(features, tap)), 0));
    }
  }
  return sums;
}

at::Tensor StyleObjective::Parts::style_of(const Sums& sums) const {
  at::Tensor cost = zero();
  for (const auto& [tap, parts] : sums)
    for (std::size_t i = 0; i < styles_.size(); ++i) {
      const Moments here = as_compared(parts[i], tap);
      const Moments& wanted = moments_.at(tap)[i];
      const at::Tensor layer =
          weights_.style_loss == StyleLoss::gram
              ? lifted_gram_cost(here, wanted, metrics_.at(tap), weights_.gram_scale)
              : style_cost(here, wanted, weights_.style_loss);
      cost = cost + layer * (weights_.style_layers.at(tap) * styles_[i].share);
    }
  return cost;
}

/// Lifted, but for Gram matrices, whose cost does without.
Moments StyleObjective::Parts::as_compared(const Moments& moments, Tap tap) const {
  return weights_.style_loss == StyleLoss::gram ? moments : lifted(moments, network_.lift(tap));
}

/// The sliced Wasserstein distance, which is no function of moments.
at::Tensor StyleObjective::Parts::sliced_style_of(const Features& features) const {
  at::Tensor cost = zero();
  for (const StylePart& style : styles_)
    for (const auto& [tap, projections] : style.target.projections)
      cost = cost + sliced_style_cost(of(features, tap), network_.lift(tap), projections) *
                        (weights_.style_layers.at(tap) * style.share);
  return cost;
}

at::Tensor StyleObjective::Parts::variation_of(const at::Tensor& picture) const {
  return weights_.variation > 0 ? squared_variation(picture) : zero();
}

Costs StyleObjective::Parts::evaluate(const at::Tensor& picture, at::Tensor* gradient) const {
  LIKENESS_CHECK(picture.size(2) == height_ && picture.size(3) == width_);
  return tiles_.size() > 1 ? evaluate_tiles(picture, gradient) : evaluate_whole(picture, gradient);
}

Costs StyleObjective::Parts::evaluate_whole(const at::Tensor& picture, at::Tensor* gradient) const {
  const at::AutoGradMode gradients(gradient != nullptr);
  at::Tensor x = picture.detach();
  x.set_requires_grad(gradient != nullptr);
  const Features features = network_.features(x, last_);
  const at::Tensor content = content_part(features, tiles_.front());
  const at::Tensor style = weights_.style_loss == StyleLoss::sliced
                               ? sliced_style_of(features)
                               : style_of(moments_of(features, tiles_.front()));
  const at::Tensor variation = variation_of(x);
  const at::Tensor total =
      content * weights_.content + style * weights_.style + variation * weights_.variation;
  if (gradient != nullptr) *gradient = torch::autograd::grad({total}, {x})[0];
  return {.content = content.item<double>(),
          .style = style.item<double>(),
          .variation = variation.item<double>(),
          .total = total.item<double>()};
}

/// Adds what the tile contributes to `gradient`: the content cost's own, and through its moments
/// the style cost's, whose `slopes` at the whole picture's moments are known.
void StyleObjective::Parts::add_tile_gradient(const at::Tensor& picture, const Tile& tile,
                                              const Sums& slopes, at::Tensor& gradient) const {
  at::Tensor x = tile.cut(picture).detach().contiguous(at::MemoryFormat::ChannelsLast);
  x.set_requires_grad(true);
  const Features features = inner_features(x, tile);
  at::Tensor cost = content_part(features, tile) * weights_.content;
  for (const auto& [tap, parts] : moments_of(features, tile))
    for (std::size_t i = 0; i < parts.size(); ++i)
      cost = cost + (parts[i].mean * slopes.at(tap)[i].mean).sum() +
             (parts[i].second * slopes.at(tap)[i].second).sum();
  tile.cut(gradient).add_(torch::autograd::grad({cost}, {x})[0]);
}

Costs StyleObjective::Parts::evaluate_tiles(const at::Tensor& picture, at::Tensor* gradient) const {
  Costs costs;
  Sums sums;
  const at::AutoGradMode none(false);
  for (const Tile& tile : tiles_) {
    const Features features = inner_features(tile.cut(picture), tile);
    costs.content += content_part(features, tile).item<double>();
    for (const auto& [tap, parts] : moments_of(features, tile)) add(sums[tap], parts);
  }
  const at::AutoGradMode on(gradient != nullptr);
  std::vector<at::Tensor> leaves;
  for (auto& [tap, parts] : sums)
    for (Moments& part : parts)
      for (at::Tensor* tensor : {&part.mean, &part.second})
        leaves.push_back(tensor->set_requires_grad(gradient != nullptr));
  const at::Tensor style = style_of(sums);
  at::Tensor x = picture.detach();
  x.set_requires_grad(gradient != nullptr && weights_.variation > 0);
  const at::Tensor variation = variation_of(x);
  costs.style = style.item<double>();
  costs.variation = variation.item<double>();
  costs.total = weights_.content * costs.content + weights_.style * costs.style +
                weights_.variation * costs.variation;
  if (gradient == nullptr) return costs;
  *gradient = x.requires_grad() ? torch::autograd::grad({variation * weights_.variation}, {x})[0]
                                : at::zeros_like(picture);
  Sums slopes = std::move(sums);
  if (!leaves.empty()) {
    const auto found = torch::autograd::grad({style * weights_.style}, leaves, {}, {}, false, true);
    auto next = found.begin();
    for (auto& [tap, parts] : slopes)
      for (Moments& part : parts) {
        const at::Tensor mean = *next++;
        part = {.mean = mean.defined() ? mean : at::zeros_like(part.mean), .second = *next++};
      }
  }
  for (const Tile& tile : tiles_) add_tile_gradient(picture, tile, slopes, *gradient);
  return costs;
}

StyleObjective::StyleObjective(const PerceptualNetwork& network, const at::Tensor& content,
                               std::vector<StylePart> styles, const CostWeights& weights,
                               const TileOptions& tiles) {
  check_weights(weights, network);
  LIKENESS_CHECK(tiles.side >= 0 && tiles.side % kTileGrid == 0);
  if (tiles.side > 0 && weights.style_loss == StyleLoss::sliced)
    throw Error(ErrorCode::unavailable,
                "the sliced Wasserstein distance sorts the activations of the whole picture, which "
                "do not fit the memory; make the picture smaller or choose another style loss");
  parts_ = std::make_unique<Parts>(network, content, std::move(styles), weights, tiles.side);
}

StyleObjective::StyleObjective(StyleObjective&&) noexcept = default;
StyleObjective::~StyleObjective() = default;

Costs StyleObjective::evaluate(const at::Tensor& picture, at::Tensor* gradient) const {
  return parts_->evaluate(picture, gradient);
}

}  // namespace likeness
