#include <array>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/net/painter.h>
#include <likeness/net/retouch.h>

#include "net/gaussian_transport.h"
#include "net/pixel_blocks.h"
#include "net/random_weights.h"

namespace likeness::net {
namespace {

constexpr std::array<std::int64_t, kPainterScales> kEncoderWidths = {8, 10, 12};
constexpr std::size_t kFollowed = 2;  ///< scales that every look regards

torch::Tensor blocks(std::int64_t number) {
  torch::manual_seed(number);
  return blocks_of_pixels(torch::rand({1, 3, 128, 160}).contiguous(at::MemoryFormat::ChannelsLast),
                          -PainterEncoderImpl::kGrey);
}

PainterEncoder random_encoder() {
  PainterEncoder encoder(kEncoderWidths);
  randomise(*encoder);
  return encoder;
}

/// What a retraced look makes of `errors`, and the gradient of what they weigh.
class RetracedLook : public testing::TestWithParam<std::size_t> {
 protected:
  RetracedLook() { retouch->retrace(*encoder); }

  std::vector<torch::Tensor> features(const PainterGlance& seen) const {
    std::vector<torch::Tensor> all = {seen.fine, seen.middle, seen.coarse};
    all.resize(GetParam());
    return all;
  }

  PainterEncoder encoder = random_encoder();
  Retouch retouch{kEncoderWidths, GetParam()};
};

TEST_P(RetracedLook, IsTheGradientThroughTheEncoder) {
  const torch::Tensor x = blocks(1).clone().requires_grad_(true);
  std::vector<torch::Tensor> errors;
  torch::Tensor sum = torch::zeros({});
  for (const torch::Tensor& one : features(encoder->glance(x))) {
    errors.push_back(random_input(one.sizes()));
    sum = sum + (one * errors.back()).sum();
  }
  sum.backward();
  const torch::NoGradGuard no_gradients;
  const torch::Tensor change = retouch->forward(encoder->glance(x), errors);
  // Borders aside, where a gradient is folded back and a convolution sees its input mirrored.
  const auto inner = [](const torch::Tensor& t) { return t.narrow(2, 24, 16).narrow(3, 28, 24); };
  EXPECT_LT(relative_difference(inner(change), inner(x.grad())), 1e-4);
}

TEST_P(RetracedLook, WhatNothingIsMissedInStays) {
  const torch::NoGradGuard no_gradients;
  const PainterGlance seen = encoder->glance(blocks(1));
  std::vector<torch::Tensor> nothing;
  for (const torch::Tensor& one : features(seen)) nothing.push_back(at::zeros_like(one));
  EXPECT_EQ(retouch->forward(seen, nothing).abs().max().item<float>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Scales, RetracedLook, testing::Values(2, 3));

/// How far the fine and middle features of what is painted are from a style's mean and covariance.
double distance(Painter& painter, const PainterFeatures& content, const torch::Tensor& code,
                const PainterFeatures& style, std::size_t looks) {
  PaintedStatistics painted;
  for (std::size_t look = 0; look < looks; ++look)
    painted.push_back(
        {PainterImpl::statistics(painter->seen(content, {.codes = code, .painted = &painted}))});
  const PainterFeatures seen = painter->seen(content, {.codes = code, .painted = &painted});
  double sum = 0;
  for (std::size_t s = 0; s < kFollowed; ++s) {
    const FeatureMoments a = feature_moments(seen[s]);
    const FeatureMoments b = feature_moments(style[s]);
    sum += (a.mean - b.mean).square().sum().item<double>() +
           (a.covariance - b.covariance).square().sum().item<double>();
  }
  return sum;
}

TEST(Retouch, EachLookComesNearerToTheStyle) {
  Painter painter(PainterOptions{.widths = kEncoderWidths, .blocks = {1, 1, 1}, .hidden = 6});
  painter->initialise(2);
  const torch::NoGradGuard no_gradients;
  const auto picture = [&](std::int64_t number) {
    return pixels_of_blocks(blocks(number) + PainterEncoderImpl::kGrey);
  };
  const PainterFeatures content = painter->encode(picture(1));
  const PainterFeatures style = painter->encode(picture(2) * 0.5);
  const torch::Tensor code = painter->code(style);
  const double before = distance(painter, content, code, style, 0);
  const double once = distance(painter, content, code, style, 1);
  const double twice = distance(painter, content, code, style, 2);
  EXPECT_LT(once, before);
  EXPECT_LT(twice, once);
}

}  // namespace
}  // namespace likeness::net
