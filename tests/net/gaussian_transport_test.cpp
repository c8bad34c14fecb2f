#include "net/gaussian_transport.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "net/difference_quotient.h"
#include "net/random_weights.h"

namespace likeness::net {
namespace {

/// Features whose channels have to do with each other, float64.
torch::Tensor features(std::int64_t seed, std::int64_t channels) {
  torch::manual_seed(seed);
  const auto mix = torch::randn({channels, channels}, at::kDouble);
  const auto rows = torch::randn({2, 9 * 11, channels}, at::kDouble);
  return (at::matmul(rows, mix) + torch::randn({channels}, at::kDouble))
      .view({2, 9, 11, channels})
      .permute({0, 3, 1, 2});
}

/// [N, C, C] with eigenvalues from 0.5 up.
torch::Tensor positive(std::int64_t seed, std::int64_t size) {
  torch::manual_seed(seed);
  const auto factor = torch::randn({2, size, size}, at::kDouble);
  return at::bmm(factor, factor.transpose(1, 2)) + 0.5 * at::eye(size, at::kDouble);
}

TEST(FeatureMoments, AreThoseOfEachPicture) {
  const auto x = features(1, 4);
  const FeatureMoments moments = feature_moments(x);
  for (std::int64_t n = 0; n < 2; ++n) {
    const auto rows = x[n].flatten(1);
    EXPECT_LT(relative_difference(moments.mean[n], rows.mean(1)), 1e-12);
    EXPECT_LT(relative_difference(moments.covariance[n], at::cov(rows, 0)), 1e-12);
  }
}

TEST(FeatureMoments, UnderAMaskAreThoseOfThePart) {
  const auto x = features(1, 4).narrow(0, 0, 1);
  auto mask = torch::zeros({9, 11}, at::kDouble);
  mask.narrow(0, 2, 5).fill_(1);
  const FeatureMoments masked = feature_moments(x, mask);
  const FeatureMoments part = feature_moments(x.narrow(2, 2, 5));
  EXPECT_LT(relative_difference(masked.mean, part.mean), 1e-12);
  EXPECT_LT(relative_difference(masked.covariance, part.covariance), 1e-12);
}

TEST(Roots, SquaredAreWhatTheyCameFrom) {
  const auto matrices = positive(1, 5);
  const auto root = square_root(matrices);
  EXPECT_LT(relative_difference(at::bmm(root, root), matrices), 1e-12);
  const auto inverse = inverse_square_root(matrices);
  EXPECT_LT(relative_difference(at::bmm(inverse, root), at::eye(5, at::kDouble).expand({2, 5, 5})),
            1e-12);
}

TEST(Roots, OfWhatIsNotFiniteAreNot) {
  auto matrices = positive(1, 3);
  matrices[1][0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(at::isnan(square_root(matrices)[1]).all().item<bool>());
  EXPECT_TRUE(at::isnan(inverse_square_root(matrices)[1]).all().item<bool>());
}

TEST(Roots, HaveGradientsWhereEigenvaluesCoincide) {
  const auto weights = positive(2, 4).narrow(0, 0, 1);
  for (const auto& root : {square_root, inverse_square_root}) {
    auto matrices = (2 * at::eye(4, at::kDouble)).unsqueeze(0).requires_grad_();
    (root(matrices) * weights).sum().backward();
    // The derivative of 2^½ and 2^(−½), times the weights.
    const double slope = root == square_root ? 0.5 / std::sqrt(2.0) : -0.5 / std::pow(2.0, 1.5);
    EXPECT_LT(relative_difference(matrices.grad(), slope * weights), 1e-12);
  }
}

TEST(Transport, CarriesOneCovarianceToTheOther) {
  const auto from = positive(1, 6);
  const auto to = positive(2, 6);
  const auto map = transport(from, square_root(to));
  EXPECT_LT(relative_difference(at::bmm(at::bmm(map, ridged(from)), map.transpose(1, 2)), to),
            1e-10);
}

TEST(Transport, MovesFeaturesLeast) {
  const auto from = positive(1, 6);
  const auto to = positive(2, 6);
  const auto map = transport(from, square_root(to));
  const auto whitening = at::bmm(square_root(to), inverse_square_root(ridged(from)));
  EXPECT_LT(
      relative_difference(at::bmm(at::bmm(whitening, ridged(from)), whitening.transpose(1, 2)), to),
      1e-10)
      << "another map that carries the one to the other";
  const auto moved = [&](const torch::Tensor& t) {
    const auto change = t - at::eye(6, at::kDouble);
    return at::bmm(at::bmm(change, ridged(from)), change.transpose(1, 2))
        .diagonal(0, 1, 2)
        .sum()
        .item<double>();
  };
  EXPECT_LT(moved(map), 0.95 * moved(whitening));
}

TEST(Transport, OfAPictureToItselfChangesNothing) {
  const auto own = feature_moments(features(3, 5)).covariance;
  EXPECT_LT(relative_difference(transport(own, square_root(ridged(own))),
                                at::eye(5, at::kDouble).expand({2, 5, 5})),
            1e-9);
}

TEST(Transport, TakesWhatWasLearnedForARoot) {
  const auto own = positive(1, 5);
  torch::manual_seed(2);
  const auto skew = torch::randn({2, 5, 5}, at::kDouble);
  auto learned = (square_root(positive(3, 5)) + skew - skew.transpose(1, 2)).requires_grad_();
  const auto map = transport(own, learned);
  EXPECT_LT(relative_difference(map, transport(own, square_root(positive(3, 5)))), 1e-10);
  (map * skew).sum().backward();
  EXPECT_LT(relative_difference(learned.grad(), learned.grad().transpose(1, 2)), 1e-10);
}

TEST(Transport, OfChannelsApartIsTheRatioOfDeviations) {
  const auto variances = at::tensor({1.0, 4.0, 9.0}, at::kDouble);
  const auto own = at::diag(variances).unsqueeze(0);
  const auto root = at::diag(at::tensor({3.0, 2.0, 1.0}, at::kDouble)).unsqueeze(0);
  const auto expected =
      at::diag(at::tensor({3.0, 2.0, 1.0}, at::kDouble) / ridged(own)[0].diagonal().sqrt());
  EXPECT_LT(relative_difference(transport(own, root)[0], expected), 1e-12);
}

TEST(Carrying, GivesFeaturesTheStylesMoments) {
  const auto content = features(7, 4);
  const FeatureMoments style = feature_moments(features(8, 4));
  const Carrying carrying =
      carrying_to(feature_moments(content), square_root(style.covariance), style.mean);
  torch::manual_seed(9);
  const auto weight = torch::randn({3, 4}, at::kDouble);
  const auto bias = torch::randn({3}, at::kDouble);
  const Carrying longer = followed_by(carrying, weight, bias);
  for (std::int64_t n = 0; n < 2; ++n) {
    const auto rows = content[n].flatten(1).t();
    const auto y = carried(rows, carrying, n);
    EXPECT_LT(relative_difference(y.mean(0), style.mean[n]), 1e-10);
    // A fiftieth was added to the content's variances, and not to these.
    EXPECT_LT(relative_difference(at::cov(y.t(), 0), style.covariance[n]), 0.1);
    EXPECT_LT(relative_difference(carried(rows, longer, n), at::addmm(bias, y, weight.t())), 1e-12);
  }
}

TEST(Transport, GradientsAreThoseOfDifferences) {
  auto content = features(4, 4).contiguous().requires_grad_();
  auto style = features(5, 4).contiguous().requires_grad_();
  const auto weights = positive(6, 4);
  const auto value = [&] {
    return (transport(feature_moments(content).covariance,
                      square_root(ridged(feature_moments(style).covariance))) *
            weights)
        .sum();
  };
  value().backward();
  for (const auto& leaf : {content, style}) {
    const auto gradient = leaf.grad().flatten();
    const auto place = gradient.abs().argmax().item<std::int64_t>();
    const double expected = gradient[place].item<double>();
    EXPECT_NEAR(difference_quotient(leaf.data_ptr<double>()[place], 1e-5, value), expected,
                1e-5 * std::abs(expected));
  }
}

}  // namespace
}  // namespace likeness::net
