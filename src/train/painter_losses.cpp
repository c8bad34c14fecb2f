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
at::Tensor picture_rows(const at::Tensor& features) {
  return features.permute({0, 2, 3, 1}).flatten(1, 2).to(at::kFloat);
}

/// Mean square of the activations in the teacher's space.
at::Tensor trace(const TapStatistics& tap) {
  return (tap.mean.square() + tap.deviation.square()).mean();
}

at::Tensor sum_of(const std::array<at::Tensor, kPaintedTaps>& parts) {
  at::Tensor sum = parts[0];
  for (std::size_t i = 1; i < kPaintedTaps; ++i) sum = sum + parts[i];
  return sum;
}

at::Tensor relative(const std::array<at::Tensor, kPaintedTaps>& costs,
                    const std::array<at::Tensor, kPaintedTaps>& unchanged) {
  const at::Tensor whole = sum_of(costs) / (sum_of(unchanged) + kTiny);
  at::Tensor layers = costs[0] / (unchanged[0] + kTiny);
  for (std::size_t i = 1; i < kPaintedTaps; ++i)
    layers = layers + costs[i] / (unchanged[i] + kTiny);
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
  const at::Tensor all = picture_rows(features);
  return all.index_select(1, at::tensor(to, options)) -
         all.index_select(1, at::tensor(from, options));
}

}  // namespace

PaintingJudge::PaintingJudge(const PerceptualNetwork& network) : network_(network) {
  for (std::size_t i = 0; i < kPaintedTaps; ++i)
    metrics_[i] =
        metric_of(network.lift(static_cast<net::Tap>(i)), network.layers().tap_widths.at(i));
}

std::vector<at::Tensor> PaintingJudge::taps(const at::Tensor& pictures) const {
  return network_.features(pictures.to(network_.device()), net::Tap::relu4_1);
}

PictureStatistics PaintingJudge::statistics(const std::vector<at::Tensor>& taps) const {
  LIKENESS_CHECK(taps.size() >= kPaintedTaps);
  PictureStatistics result;
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    const Lift& lift = network_.lift(static_cast<net::Tap>(i));
    const Moments own = moments(taps[i]);
    const at::Tensor variance = lifted_variance(own, lift);
    result[i] = {
        .moments = own,
        .mean = lift.is_identity() ? own.mean : at::mv(lift.matrix, own.mean) + lift.offset,
        .deviation = (variance.clamp_min(0) + kVarianceEpsilon).sqrt()};
  }
  return result;
}

void PaintingJudge::add_style_costs(PaintingCosts& costs, const PictureStatistics& picture,
                                    const PictureStatistics& style) const {
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    costs.style[i] = lifted_gram_cost(picture[i].moments, style[i].moments, metrics_[i]);
    costs.statistics[i] = (picture[i].mean - style[i].mean).square().mean() +
                          (picture[i].deviation - style[i].deviation).square().mean();
  }
}

PaintingCosts PaintingJudge::costs(const std::vector<at::Tensor>& taps,
                                   const PictureStatistics& statistics, const at::Tensor& content,
                                   const PictureStatistics& style) const {
  PaintingCosts costs;
  costs.content = lifted_content_cost(taps[kPaintedTaps - 1], content, metrics_.back());
  add_style_costs(costs, statistics, style);
  return costs;
}

PaintingCosts PaintingJudge::unchanged(const PictureStatistics& content,
                                       const PictureStatistics& style) const {
  PaintingCosts costs;
  const TapStatistics& c = content.back();
  const TapStatistics& s = style.back();
  costs.content = trace(c) + trace(s) - 2 * (c.mean * s.mean).mean();
  add_style_costs(costs, content, style);
  // A style that is nearly the content's own must not weigh without bounds.
  for (std::size_t i = 0; i < kPaintedTaps; ++i) {
    const at::Tensor size = trace(style[i]);
    costs.style[i] = at::maximum(costs.style[i], 0.02 * size.square());
    costs.statistics[i] = at::maximum(costs.statistics[i], 0.02 * size);
  }
  return costs;
}

RelativeCosts PaintingJudge::mean_costs(const std::vector<at::Tensor>& painted,
                                        const std::vector<at::Tensor>& contents,
                                        std::span<const PictureStatistics> styles) const {
  const auto pictures = by_picture(painted);
  const auto originals = by_picture(contents);
  LIKENESS_CHECK(pictures.size() == originals.size() && pictures.size() == styles.size());
  RelativeCosts mean;
  const auto add = [&](at::Tensor& sum, const at::Tensor& cost) {
    const at::Tensor share = cost / static_cast<double>(pictures.size());
    sum = sum.defined() ? sum + share : share;
  };
  for (std::size_t n = 0; n < pictures.size(); ++n) {
    const RelativeCosts one =
        relative_costs(costs(pictures[n], statistics(pictures[n]), originals[n].back(), styles[n]),
                       unchanged(statistics(originals[n]), styles[n]));
    add(mean.content, one.content);
    add(mean.style, one.style);
    add(mean.statistics, one.statistics);
  }
  return mean;
}

RelativeCosts relative_costs(const PaintingCosts& costs, const PaintingCosts& unchanged) {
  return {.content = costs.content / (unchanged.content + kTiny),
          .style = relative(costs.style, unchanged.style),
          .statistics = relative(costs.statistics, unchanged.statistics)};
}

std::vector<std::vector<at::Tensor>> by_picture(const std::vector<at::Tensor>& taps) {
  std::vector<std::vector<at::Tensor>> pictures(static_cast<std::size_t>(taps.at(0).size(0)));
  for (const at::Tensor& tap : taps) {
    const auto parts = tap.split(1, 0);
    for (std::size_t n = 0; n < pictures.size(); ++n) pictures[n].push_back(parts[n]);
  }
  return pictures;
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
