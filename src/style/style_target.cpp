#include <algorithm>
#include <map>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <likeness/style/objective.h>

#include "style/mask_at.h"
#include "style/tile.h"

namespace likeness {
namespace {

/// Projections and quantiles of the sliced Wasserstein distance.
constexpr std::int64_t kDirections = 64;
constexpr std::int64_t kQuantiles = 1024;

at::Tensor random_directions(std::int64_t channels, std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const at::Tensor directions = at::randn({kDirections, channels}, generator);
  return directions / directions.norm(2, 1, true);
}

}  // namespace

namespace {

/// The moments of the layers that have a weight, of a picture of any size.
std::map<net::Tap, Moments> moments_in_tiles(const PerceptualNetwork& network,
                                             const at::Tensor& picture, const at::Tensor& mask,
                                             const CostWeights& weights) {
  constexpr std::int64_t kSide = 1024;
  const net::Tap last = weights.last_tap();
  std::map<net::Tap, Moments> sums;
  for (const Tile& tile : tiles_of(picture.size(2), picture.size(3), kSide, last)) {
    const auto features = network.features(tile.cut(picture), last);
    for (const auto& [tap, weight] : weights.style_layers) {
      if (!(weight > 0) || tap > last) continue;
      const at::Tensor inner = tile.inner(features.at(static_cast<std::size_t>(tap)), tap);
      const at::Tensor whole =
          mask_at(mask, at_tap(picture.size(2), tap), at_tap(picture.size(3), tap));
      const at::Tensor part = whole.defined() ? tile.inside(whole, tap) : whole;
      const double share =
          whole.defined() ? (part.sum() / whole.sum()).item<double>() : tile.share(tap);
      if (!(share > 0)) continue;
      const Moments here = moments(inner, part);
      Moments& sum = sums[tap];
      sum.mean = sum.mean.defined() ? sum.mean + here.mean * share : here.mean * share;
      sum.second = sum.second.defined() ? sum.second + here.second * share : here.second * share;
    }
  }
  return sums;
}

}  // namespace

at::Tensor mask_at(const at::Tensor& mask, std::int64_t height, std::int64_t width) {
  if (!mask.defined()) return {};
  return at::adaptive_avg_pool2d(mask.unsqueeze(0), {height, width}).squeeze(0);
}

StyleTarget style_target(const PerceptualNetwork& network, const at::Tensor& picture,
                         const at::Tensor& mask, const CostWeights& weights, std::uint64_t seed) {
  const at::NoGradGuard no_gradients;
  StyleTarget target;
  if (weights.style_loss != StyleLoss::sliced) {
    target.moments = moments_in_tiles(network, picture, mask, weights);
    return target;
  }
  const auto features = network.features(picture, weights.last_tap());
  for (const auto& [tap, weight] : weights.style_layers) {
    if (!(weight > 0) || tap > weights.last_tap()) continue;
    const at::Tensor& tap_features = features.at(static_cast<std::size_t>(tap));
    const Lift& lift = network.lift(tap);
    const std::int64_t channels = lift.is_identity() ? tap_features.size(1) : lift.matrix.size(0);
    target.projections[tap] =
        sliced_style(tap_features, lift, random_directions(channels, seed).to(network.device()),
                     std::min(kQuantiles, tap_features.size(2) * tap_features.size(3)));
  }
  return target;
}

}  // namespace likeness
