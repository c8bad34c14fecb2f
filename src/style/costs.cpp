#include <array>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/style/costs.h>

#include "style/bures.h"
#include "style/gram_factor.h"
#include "style/positions.h"

namespace likeness {
namespace {

constexpr std::array<std::pair<std::string_view, StyleLoss>, 5> kStyleLosses = {
    {{"gram", StyleLoss::gram},
     {"mean-std", StyleLoss::mean_std},
     {"covariance", StyleLoss::covariance},
     {"wasserstein", StyleLoss::wasserstein},
     {"sliced", StyleLoss::sliced}}};

constexpr std::array<std::pair<std::string_view, GramScale>, 3> kGramScales = {
    {{"mean", GramScale::mean},
     {"gatys", GramScale::gatys},
     {"neural-style", GramScale::neural_style}}};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  for (const auto& [name, named] : names)
    if (named == value) return name;
  LIKENESS_CHECK(false);
  return {};
}

template <class Names>
auto value_in(const Names& names, std::string_view wanted, const std::string& kind) {
  std::string all;
  for (const auto& [name, value] : names) {
    if (name == wanted) return value;
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(wanted) + "' is no " + kind + "; there are " + all);
}

at::Tensor mean_square(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).square().mean();
}

at::Tensor wasserstein_cost(const Moments& generated, const Moments& style) {
  const at::Tensor spread = bures_distance(covariance(generated), covariance(style));
  return mean_square(generated.mean, style.mean) +
         (spread / generated.mean.size(0)).to(generated.mean.scalar_type());
}

/// The differences of neighbours along `dimension`; undefined when there are none.
at::Tensor differences(const at::Tensor& picture, std::int64_t dimension) {
  const std::int64_t count = picture.size(dimension) - 1;
  if (count == 0) return {};
  return picture.narrow(dimension, 1, count) - picture.narrow(dimension, 0, count);
}

template <class Size>
at::Tensor variation(const at::Tensor& picture, const Size& size) {
  LIKENESS_CHECK(picture.dim() == 4);
  at::Tensor sum = at::zeros({}, picture.options());
  for (const std::int64_t dimension : {2, 3})
    if (const at::Tensor steps = differences(picture, dimension); steps.defined())
      sum = sum + size(steps).mean();
  return sum;
}

}  // namespace

double gram_factor(GramScale scale, std::int64_t channels) {
  switch (scale) {
    case GramScale::mean:
      return 1;
    case GramScale::gatys:
      return 0.25;
    case GramScale::neural_style:
      return 1 / static_cast<double>(channels * channels);
  }
  LIKENESS_CHECK(false);
  return 0;
}

at::Tensor content_cost(const at::Tensor& generated, const at::Tensor& content,
                        const at::Tensor& weights) {
  LIKENESS_CHECK(generated.sizes() == content.sizes());
  const at::Tensor a = at_least_float(generated);
  const at::Tensor b = at_least_float(content);
  if (!weights.defined()) return at::mse_loss(a, b);
  LIKENESS_CHECK(weights.sizes() == a.sizes().slice(2));
  const at::Tensor total = weights.sum() * (a.size(0) * a.size(1));
  return ((a - b).square() * weights).sum() / total;
}

std::string_view to_string(StyleLoss loss) {
  return name_in(kStyleLosses, loss);
}

StyleLoss style_loss_from_name(std::string_view name) {
  return value_in(kStyleLosses, name, "style loss");
}

std::string_view to_string(GramScale scale) {
  return name_in(kGramScales, scale);
}

GramScale gram_scale_from_name(std::string_view name) {
  return value_in(kGramScales, name, "scale of Gram matrices");
}

at::Tensor style_cost(const Moments& generated, const Moments& style, StyleLoss loss,
                      GramScale scale) {
  LIKENESS_CHECK(generated.mean.sizes() == style.mean.sizes());
  switch (loss) {
    case StyleLoss::gram:
      return mean_square(generated.second, style.second) * gram_factor(scale, style.mean.size(0));
    case StyleLoss::mean_std:
      return mean_square(generated.mean, style.mean) +
             mean_square(standard_deviation(generated), standard_deviation(style));
    case StyleLoss::covariance:
      return mean_square(generated.mean, style.mean) +
             mean_square(covariance(generated), covariance(style));
    case StyleLoss::wasserstein:
      return wasserstein_cost(generated, style);
    case StyleLoss::sliced:
      break;  // moments do not tell
  }
  LIKENESS_CHECK(loss != StyleLoss::sliced);
  return {};
}

at::Tensor total_variation(const at::Tensor& picture) {
  return variation(picture, [](const at::Tensor& steps) { return steps.abs(); });
}

at::Tensor squared_variation(const at::Tensor& picture) {
  return variation(picture, [](const at::Tensor& steps) { return steps.square(); });
}

}  // namespace likeness
