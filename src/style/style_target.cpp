#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <likeness/style/objective.h>

#include "style/mask_at.h"

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

at::Tensor mask_at(const at::Tensor& mask, std::int64_t height, std::int64_t width) {
  if (!mask.defined()) return {};
  return at::adaptive_avg_pool2d(mask.unsqueeze(0), {height, width}).squeeze(0);
}

StyleTarget style_target(const PerceptualNetwork& network, const at::Tensor& picture,
                         const at::Tensor& mask, const CostWeights& weights, std::uint64_t seed) {
  const at::NoGradGuard no_gradients;
  const auto features = network.features(picture, weights.last_tap());
  StyleTarget target;
  for (const auto& [tap, weight] : weights.style_layers) {
    if (!(weight > 0) || tap > weights.last_tap()) continue;
    const at::Tensor& tap_features = features.at(static_cast<std::size_t>(tap));
    const Lift& lift = network.lift(tap);
    if (weights.style_loss == StyleLoss::sliced) {
      const std::int64_t channels = lift.is_identity() ? tap_features.size(1) : lift.matrix.size(0);
      target.projections[tap] =
          sliced_style(tap_features, lift, random_directions(channels, seed).to(network.device()),
                       std::min(kQuantiles, tap_features.size(2) * tap_features.size(3)));
    } else {
      target.moments[tap] = lifted(
          moments(tap_features, mask_at(mask, tap_features.size(2), tap_features.size(3))), lift);
    }
  }
  return target;
}

}  // namespace likeness
