#include "train/painter_losses.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <torch/types.h>

#include "train/random_tensor.h"

namespace likeness {
namespace {

constexpr double kVarianceEpsilon = 1e-5;
constexpr double kTiny = 1e-8;

constexpr std::int64_t kAnchors = 24;
constexpr double kTemperature = 0.07;
constexpr std::array<std::size_t, 2> kCompared = {1, 2};  ///< relu2_1, relu3_1

/// [N, C, H, W] → [N, H·W, C] float32, a view where it can be.
at::Tensor rows(const at::Tensor& features) {
  return features.permute({0, 2, 3, 1}).flatten(1, 2).to(at::kFloat);
}

at::Tensor last_mean(const at::Tensor& x) {
  return x.flatten(1).mean(1);
}

/// Mean and standard deviation in the teacher's space, [N, C'].
struct Spread {
  at::Tensor mean;
  at::Tensor deviation;
};

at::Tensor lifted_mean(const BatchMoments& m, const Lift& lift) {
  return lift.is_identity() ? m.mean : at::linear(m.mean, lift.matrix, lift.offset);
}

Spread lifted_spread(const BatchMoments& m, const Lift& lift) {
  const at::Tensor covariance = m.second - m.mean.unsqueeze(2) * m.mean.unsqueeze(1);
  const at::Tensor variance = lift.is_identity()
                                  ? covariance.diagonal(0, 1, 2)
                                  : (at::matmul(lift.matrix, covariance) * lift.matrix).sum(2);
  return {.mean = lifted_mean(m, lift),
          .deviation = (variance.clamp_min(0) + kVarianceEpsilon).sqrt()};
}

/// Lifted Gram matrices of a less those of b: offsets meet differences of means alone.
at::Tensor gram_difference(const BatchMoments& a, const BatchMoments& b, const Lift& lift) {
  const at::Tensor difference = a.second - b.second;
  if (lift.is_identity()) return difference;
  const at::Tensor mixed = at::matmul(a.mean - b.mean, lift.matrix.t()).unsqueeze(2) * lift.offset;
  return at::matmul(at::matmul(lift.matrix, difference), lift.matrix.t()) + mixed +
         mixed.transpose(1, 2);
}

void add_style_costs(PaintingCosts& costs, const PerceptualNetwork& network,
                     const TapMoments& picture, const TapMoments& style) {
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    const Lift& lift = network.lift(static_cast<net::Tap>(i));
    costs.style[i] = last_mean(gram_difference(picture[i], style[i], lift).square());
    const Spread ours = lifted_spread(picture[i], lift);
    const Spread theirs = lifted_spread(style[i], lift);
    costs.statistics[i] = last_mean((ours.mean - theirs.mean).square()) +
                          last_mean((ours.deviation - theirs.deviation).square());
  }
}

at::Tensor trace(const BatchMoments& m, const Lift& lift) {
  const Spread spread = lifted_spread(m, lift);
  return (spread.mean.square() + spread.deviation.square()).mean(1);
}

at::Tensor sum_of(const std::array<at::Tensor, kPaintedTaps>& parts) {
  at::Tensor sum = parts[0];
  for (std::size_t i = 1; i < kPaintedTaps; ++i) sum = sum + parts[i];
  return sum;
}

at::Tensor relative(const std::array<at::Tensor, kPaintedTaps>& costs,
                    const std::array<at::Tensor, kPaintedTaps>& unchanged) {
  const at::Tensor whole = (sum_of(costs) / (sum_of(unchanged) + kTiny)).mean();
  at::Tensor layers = at::zeros({}, whole.options().requires_grad(false));
  for (std::size_t i = 0; i < kPaintedTaps; ++i)
    layers = layers + (costs[i] / (unchanged[i] + kTiny)).mean();
  return (whole + layers / static_cast<double>(kPaintedTaps)) / 2;
}

/// Differences of neighbours to random places of [N, C, H, W]: [N, 8·kAnchors, C]; `places` holds
/// the anchors as rows and columns.
at::Tensor neighbour_differences(const at::Tensor& features,
                                 const std::vector<std::int64_t>& anchors) {
  const std::int64_t width = features.size(3);
  std::vector<std::int64_t> from;
  std::vector<std::int64_t> to;
  for (const std::int64_t anchor : anchors)
    for (const std::int64_t down : {-1, 0, 1})
      for (const std::int64_t across : {-1, 0, 1}) {
        if (down == 0 && across == 0) continue;
        from.push_back(anchor);
        to.push_back(anchor + down * width + across);
      }
  const auto options = features.options().dtype(at::kLong);
  const at::Tensor all = rows(features);
  return all.index_select(1, at::tensor(to, options)) -
         all.index_select(1, at::tensor(from, options));
}

}  // namespace

TapMoments tap_moments(const std::vector<at::Tensor>& taps) {
  LIKENESS_CHECK(taps.size() >= kPaintedTaps);
  TapMoments result;
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    const at::Tensor all = rows(taps[i]);
    result[i] = {.mean = all.mean(1), .second = at::bmm(all.transpose(1, 2), all) / all.size(1)};
  }
  return result;
}

TapMoments at_place(const TapMoments& moments, std::int64_t place) {
  TapMoments one;
  for (std::size_t i = 0; i < kPaintedTaps; ++i)
    one[i] = {.mean = moments[i].mean.narrow(0, place, 1).clone(),
              .second = moments[i].second.narrow(0, place, 1).clone()};
  return one;
}

TapMoments stacked(const std::vector<TapMoments>& moments) {
  TapMoments all;
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    std::vector<at::Tensor> means;
    std::vector<at::Tensor> seconds;
    for (const TapMoments& one : moments) {
      means.push_back(one[i].mean);
      seconds.push_back(one[i].second);
    }
    all[i] = {.mean = at::cat(means), .second = at::cat(seconds)};
  }
  return all;
}

PaintingCosts painting_costs(const PerceptualNetwork& network, const std::vector<at::Tensor>& taps,
                             const at::Tensor& content, const TapMoments& style) {
  PaintingCosts costs;
  const Lift& lift = network.lift(net::Tap::relu4_1);
  const at::Tensor difference = rows(taps[kPaintedTaps - 1]) - rows(content);
  const at::Tensor seen = lift.is_identity()
                              ? difference
                              : at::matmul(difference, at::mm(lift.matrix.t(), lift.matrix));
  const auto channels =
      static_cast<double>(lift.is_identity() ? difference.size(2) : lift.matrix.size(0));
  costs.content = (seen * difference).sum(2).mean(1) / channels;
  add_style_costs(costs, network, tap_moments(taps), style);
  return costs;
}

PaintingCosts unchanged_costs(const PerceptualNetwork& network, const TapMoments& content,
                              const TapMoments& style) {
  PaintingCosts costs;
  const Lift& lift = network.lift(net::Tap::relu4_1);
  const BatchMoments& c = content[kPaintedTaps - 1];
  const BatchMoments& s = style[kPaintedTaps - 1];
  costs.content =
      trace(c, lift) + trace(s, lift) - 2 * (lifted_mean(c, lift) * lifted_mean(s, lift)).mean(1);
  add_style_costs(costs, network, content, style);
  // A style that is nearly the content's own must not weigh without bounds.
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    const Lift& own = network.lift(static_cast<net::Tap>(i));
    const at::Tensor size = trace(style[i], own);
    costs.style[i] = at::maximum(costs.style[i], 0.02 * size.square());
    costs.statistics[i] = at::maximum(costs.statistics[i], 0.02 * size);
  }
  return costs;
}

RelativeCosts relative_costs(const PaintingCosts& costs, const PaintingCosts& unchanged) {
  return {.content = (costs.content / (unchanged.content + kTiny)).mean(),
          .style = relative(costs.style, unchanged.style),
          .statistics = relative(costs.statistics, unchanged.statistics)};
}

CoherenceImpl::CoherenceImpl(const std::vector<std::int64_t>& widths) {
  for (const std::size_t tap : kCompared) {
    const std::int64_t width = widths.at(tap);
    const std::string name = std::to_string(tap);
    first_.push_back(register_parameter("first" + name, torch::zeros({width, width})));
    second_.push_back(register_parameter("second" + name, torch::zeros({width, width})));
  }
}

void CoherenceImpl::initialise(std::uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  Random random(seed);
  for (const auto* matrices : {&first_, &second_})
    for (const at::Tensor& matrix : *matrices)
      matrix.copy_(normal_numbers(matrix.sizes(), random))
          .mul_(std::sqrt(2 / static_cast<double>(matrix.size(1))));
}

at::Tensor CoherenceImpl::projected(const at::Tensor& differences, std::size_t layer) const {
  const at::Tensor y =
      at::matmul(at::matmul(differences, first_[layer].t()).relu(), second_[layer].t());
  return y / (y.square().sum(2, true) + kTiny).sqrt();
}

at::Tensor CoherenceImpl::forward(const std::vector<at::Tensor>& painted,
                                  const std::vector<at::Tensor>& content, Random& random) {
  at::Tensor loss = at::zeros({}, first_[0].options().requires_grad(false));
  for (std::size_t layer = 0; layer < kCompared.size(); ++layer) {
    const at::Tensor& p = painted[kCompared[layer]];
    std::vector<std::int64_t> anchors;
    for (std::int64_t i = 0; i < kAnchors; ++i) {
      const auto row =
          static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(p.size(2) - 2)));
      const auto column =
          static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(p.size(3) - 2)));
      anchors.push_back((row + 1) * p.size(3) + column + 1);
    }
    const at::Tensor of_painted = projected(neighbour_differences(p, anchors), layer);
    const at::Tensor of_content =
        projected(neighbour_differences(content[kCompared[layer]], anchors), layer);
    const at::Tensor logits = at::bmm(of_painted, of_content.transpose(1, 2)) / kTemperature;
    loss = loss - at::log_softmax(logits, 2).diagonal(0, 1, 2).mean();
  }
  return loss / static_cast<double>(kCompared.size());
}

}  // namespace likeness
