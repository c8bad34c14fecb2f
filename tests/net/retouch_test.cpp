#include <array>

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

torch::Tensor blocks(std::int64_t number) {
  torch::manual_seed(number);
  return blocks_of_pixels(torch::rand({1, 3, 48, 64}).contiguous(at::MemoryFormat::ChannelsLast),
                          -PainterEncoderImpl::kGrey);
}

PainterEncoder random_encoder() {
  PainterEncoder encoder(kEncoderWidths);
  randomise(*encoder);
  return encoder;
}

TEST(Retouch, RetracedIsTheGradientThroughTheEncoder) {
  PainterEncoder encoder = random_encoder();
  Retouch retouch(kEncoderWidths);
  retouch->retrace(*encoder);
  const torch::Tensor x = blocks(1).clone().requires_grad_(true);
  const PainterGlance seen = encoder->glance(x);
  const torch::Tensor fine = random_input(seen.fine.sizes());
  const torch::Tensor middle = random_input(seen.middle.sizes());
  ((seen.fine * fine).sum() + (seen.middle * middle).sum()).backward();
  const torch::NoGradGuard no_gradients;
  const torch::Tensor change = retouch->forward(encoder->glance(x), {fine, middle});
  // Borders aside, where a gradient is folded back and a convolution sees its input mirrored.
  const auto inner = [](const torch::Tensor& t) { return t.narrow(2, 6, 12).narrow(3, 6, 20); };
  EXPECT_LT(relative_difference(inner(change), inner(x.grad())), 1e-4);
}

TEST(Retouch, WhatNothingIsMissedInStays) {
  PainterEncoder encoder = random_encoder();
  Retouch retouch(kEncoderWidths);
  retouch->retrace(*encoder);
  const torch::NoGradGuard no_gradients;
  const PainterGlance seen = encoder->glance(blocks(1));
  const torch::Tensor change =
      retouch->forward(seen, {at::zeros_like(seen.fine), at::zeros_like(seen.middle)});
  EXPECT_EQ(change.abs().max().item<float>(), 0);
}

/// How far the fine and middle features of what is painted are from a style's mean and covariance.
double distance(Painter& painter, const PainterFeatures& content, const torch::Tensor& code,
                const PainterFeatures& style, std::size_t looks) {
  PaintedStatistics painted;
  for (std::size_t look = 0; look < looks; ++look)
    painted.push_back(
        {PainterImpl::statistics(painter->seen(content, {.codes = code, .painted = &painted}))});
  const PainterFeatures seen = painter->seen(content, {.codes = code, .painted = &painted});
  double sum = 0;
  for (std::size_t s = 0; s < RetouchImpl::kScales; ++s) {
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
