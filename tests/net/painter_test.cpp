#include <cmath>
#include <stdexcept>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <likeness/net/painter.h>

#include "net/difference_quotient.h"
#include "net/gaussian_transport.h"
#include "net/random_weights.h"

namespace likeness::net {
namespace {

Painter tiny_painter(std::uint64_t seed = 1) {
  Painter painter(
      PainterOptions{.widths = {8, 10, 12}, .blocks = {1, 1, 2}, .projected = 3, .hidden = 6});
  painter->initialise(seed);
  return painter;
}

torch::Tensor picture(std::int64_t height, std::int64_t width, std::int64_t number) {
  torch::manual_seed(number);
  return at::upsample_bilinear2d(torch::rand({1, 3, height / 4, width / 4}), {height, width}, false)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

torch::Tensor painted(Painter& painter, const torch::Tensor& content, const torch::Tensor& style) {
  return painter->decode(painter->encode(content),
                         {.codes = painter->code(painter->encode(style))});
}

/// The statistics that each look at a whole picture goes by.
PaintedStatistics painted_alone(Painter& painter, const PainterFeatures& content,
                                const torch::Tensor& code, const PainterStatistics& use) {
  PaintedStatistics all;
  while (all.size() < painter->retouches.size())
    all.push_back({PainterImpl::statistics(
        painter->seen(content, {.codes = code, .use = &use, .painted = &all}))});
  return all;
}

TEST(Painter, KeepsTheSizeAndStaysInRange) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const auto result = painted(painter, picture(32, 48, 1), picture(40, 24, 2));
  EXPECT_EQ(result.sizes(), at::IntArrayRef({1, 3, 32, 48}));
  EXPECT_GE(result.min().item<float>(), 0);
  EXPECT_LE(result.max().item<float>(), 1);
  EXPECT_GT(result.std().item<float>(), 0.01) << "there is something on it";
}

TEST(Painter, PackedIsTheSame) {
  Painter painter = tiny_painter();
  const auto content = picture(64, 48, 1);
  const auto plain = painted(painter, content, picture(32, 32, 2)).detach();
  painter->pack(64);
  const torch::NoGradGuard no_gradients;
  EXPECT_LT(relative_difference(painted(painter, content, picture(32, 32, 2)), plain), 1e-4);
}

TEST(Painter, PackedInBfloat16IsNearlyTheSame) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const auto content = picture(64, 48, 1);
  const auto style = picture(32, 32, 2);
  const auto plain = painted(painter, content, style);
  painter->pack(64, true);
  const auto half = painted(painter, content, style);
  EXPECT_LT(relative_difference(half, plain), 0.06);
  const auto maps = torch::ones({1, 64, 48});
  const auto mapped = painter->decode(
      painter->encode(content), {.codes = painter->code(painter->encode(style)), .maps = maps});
  EXPECT_LT(relative_difference(mapped, plain), 0.06);
}

/// Of the parameters whose names begin with `prefix`.
void expect_gradients_of_differences(Painter& painter, const std::string& prefix) {
  const auto content = picture(16, 24, 1);
  const auto style = picture(24, 16, 2);
  const auto weights = random_input({1, 3, 16, 24});
  const auto value = [&] {
    const auto code = painter->code(painter->encode(style));
    return (painter->decode(painter->encode(content), {.codes = code, .looks = 1}) * weights).sum();
  };
  value().backward();
  int compared = 0;
  for (const auto& item : painter->named_parameters()) {
    if (!item.key().starts_with(prefix)) continue;
    ++compared;
    const auto gradient = item.value().grad().flatten();
    const auto place = gradient.abs().argmax().item<std::int64_t>();
    const torch::NoGradGuard no_gradients;
    const double expected = gradient[place].item<double>();
    EXPECT_NEAR(difference_quotient(item.value().data_ptr<float>()[place], 3e-4F, value), expected,
                0.05 * std::abs(expected) + 0.05)
        << item.key();
  }
  EXPECT_GT(compared, 0);
}

TEST(Painter, GradientsAreThoseOfDifferences) {
  // What is retouched changes by leaps where the encoder's ReLUs open; so what comes before is
  // compared without.
  Painter painter(PainterOptions{
      .widths = {8, 10, 12}, .blocks = {1, 1, 2}, .projected = 3, .hidden = 6, .looks = {}});
  painter->initialise(1);
  expect_gradients_of_differences(painter, "");
  Painter retouching = tiny_painter();
  expect_gradients_of_differences(retouching, "retouch.0.");
}

TEST(Painter, TheSameSeedGivesTheSameWeights) {
  Painter one = tiny_painter(5);
  Painter two = tiny_painter(5);
  Painter three = tiny_painter(6);
  for (const auto& item : one->named_parameters()) {
    if (item.value().dim() < 2) continue;
    EXPECT_TRUE(item.value().equal(two->named_parameters()[item.key()])) << item.key();
    // Retouching begins with matrices that are one but for a factor.
    if (item.key().starts_with("retouch.") && !item.key().ends_with(".weight")) continue;
    EXPECT_FALSE(item.value().equal(three->named_parameters()[item.key()])) << item.key();
  }
}

TEST(Painter, ACodeHoldsTheStylesStatisticsWhereFeaturesEnter) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const PainterFeatures style = painter->encode(picture(32, 40, 3));
  const auto code = painter->code(style);
  int entering = 0;
  for (const PainterPlace& place : painter->places()) {
    if (!place.enters) continue;
    ++entering;
    const auto& features = style[static_cast<std::size_t>(place.scale)];
    const FeatureMoments own = feature_moments(features);
    const std::int64_t square = place.channels * place.channels;
    EXPECT_EQ(place.size, square + place.channels);
    const auto root = code.narrow(1, place.begin, square).view({1, place.channels, place.channels});
    EXPECT_LT(relative_difference(at::bmm(root, root), ridged(own.covariance)), 1e-4);
    EXPECT_LT(relative_difference(code.narrow(1, place.begin + square, place.channels), own.mean),
              1e-5);
  }
  EXPECT_EQ(entering, kPainterScales);
}

TEST(Painter, AMaskedCodeIsThatOfThePart) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const auto style = picture(32, 64, 3);
  auto mask = torch::zeros({32, 64});
  mask.narrow(1, 0, 32).fill_(1);
  const PainterFeatures whole = painter->encode(style);
  PainterFeatures half;
  for (std::size_t s = 0; s < half.size(); ++s)
    half[s] = whole[s].narrow(3, 0, whole[s].size(3) / 2);
  EXPECT_LT(relative_difference(painter->code(whole, mask), painter->code(half)), 1e-4);
  EXPECT_GT(relative_difference(painter->code(whole), painter->code(half)), 1e-3);
}

TEST(Painter, MapsRuleWhereTheyAreOne) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const PainterFeatures content = painter->encode(picture(32, 512, 1));
  const auto one = painter->code(painter->encode(picture(32, 32, 2)));
  const auto two = painter->code(painter->encode(picture(32, 32, 3)));
  // The same statistics for all, which are the only thing that far places share.
  const PainterStatistics statistics = PainterImpl::statistics(content);
  EXPECT_EQ(statistics.means.size(), std::size_t{kPainterScales});
  auto maps = torch::zeros({2, 32, 512});
  maps[0].narrow(1, 0, 256).fill_(1);
  maps[1].narrow(1, 256, 256).fill_(1);
  const PaintedStatistics own = painted_alone(painter, content, one, statistics);
  const PaintedStatistics other = painted_alone(painter, content, two, statistics);
  PaintedStatistics each;
  for (std::size_t look = 0; look < own.size(); ++look)
    each.push_back({own[look][0], other[look][0]});
  const auto both = painter->decode(
      content, {.codes = at::cat({one, two}), .maps = maps, .use = &statistics, .painted = &each});
  const auto left = painter->decode(content, {.codes = one, .use = &statistics, .painted = &own});
  const auto right =
      painter->decode(content, {.codes = two, .use = &statistics, .painted = &other});
  EXPECT_LT((both - left).narrow(3, 0, 128).abs().max().item<float>(), 1e-4);
  EXPECT_LT((both - right).narrow(3, 384, 128).abs().max().item<float>(), 1e-4);
  EXPECT_GT((left - right).abs().max().item<float>(), 1e-2);
}

TEST(Painter, GivenItsOwnStatisticsItPaintsTheSame) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const PainterFeatures content = painter->encode(picture(48, 64, 1));
  const auto code = painter->code(painter->encode(picture(32, 32, 2)));
  const PainterStatistics statistics = PainterImpl::statistics(content);
  const PaintedStatistics painted = painted_alone(painter, content, code, statistics);
  const auto own = painter->decode(content, {.codes = code});
  const auto given =
      painter->decode(content, {.codes = code, .use = &statistics, .painted = &painted});
  EXPECT_LT(relative_difference(given, own), 1e-4);
  const PaintedStatistics others(painter->retouches.size(), {statistics});
  EXPECT_GT(relative_difference(painter->decode(content, {.codes = code, .painted = &others}), own),
            1e-3);
}

TEST(Painter, AMapOfAllIsTheWholePicture) {
  Painter painter = tiny_painter();
  const torch::NoGradGuard no_gradients;
  const PainterFeatures content = painter->encode(picture(48, 64, 1));
  const auto code = painter->code(painter->encode(picture(32, 32, 2)));
  const auto other = painter->code(painter->encode(picture(32, 32, 3)));
  auto maps = torch::zeros({2, 48, 64});
  maps[0].fill_(1);
  const auto mapped = painter->decode(content, {.codes = at::cat({code, other}), .maps = maps});
  EXPECT_LT(relative_difference(mapped, painter->decode(content, {.codes = code})), 1e-4)
      << "and the code that rules nowhere does no harm";
}

TEST(Painter, RefusesSidesThatItCannotHalve) {
  Painter painter = tiny_painter();
  EXPECT_THROW(painter->encode(torch::zeros({1, 3, 20, 16})), std::logic_error);
  EXPECT_THROW(painter->encode(torch::zeros({1, 3, 8, 16})), std::logic_error);
}

}  // namespace
}  // namespace likeness::net
