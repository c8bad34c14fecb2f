#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/style/one_pass_painter.h>

#include "style/tiny_network.h"
#include "style/tiny_painter.h"
#include "support/error_code.h"

namespace likeness {
namespace {

float farthest(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<float>();
}

TEST(OnePassPainter, TheBuiltInOneIsTheModelOfTheRepository) {
  const auto folder = std::filesystem::path(LIKENESS_SOURCE_DIR) / "models/painter";
  EXPECT_EQ(builtin_painter(at::kCPU).fingerprint(), open_painter(folder, at::kCPU).fingerprint());
  EXPECT_EQ(code_of([&] { open_painter(folder.parent_path() / "vgg_half", at::kCPU); }),
            ErrorCode::invalid_argument);
}

TEST(OnePassPainter, TheBuiltInOneTakesOnTheStylesColours) {
  const OnePassPainter painter = builtin_painter(at::kCPU);
  const at::Tensor content = smooth_picture(64, 64, 1);
  const at::Tensor style =
      smooth_picture(64, 64, 2) * at::tensor({1.0F, 0.3F, 0.1F}).view({1, 3, 1, 1});
  const at::Tensor painted = painter.paint(content, {.codes = painter.code(style)}, {});
  const auto colours = [](const at::Tensor& x) { return x.mean({2, 3}); };
  const auto error = [&](const at::Tensor& x) {
    return (colours(x) - colours(style)).norm().item<double>();
  };
  EXPECT_LT(error(painted), 0.4 * error(content));
}

TEST(OnePassPainter, Bfloat16ChangesAPictureByAboutALevel) {
  const at::Tensor content = smooth_picture(96, 64, 1);
  const at::Tensor style = smooth_picture(64, 64, 2);
  const auto painted = [&](bool bf16) {
    const OnePassPainter painter = builtin_painter(at::kCPU, {.bf16 = bf16});
    return painter.paint(content, {.codes = painter.code(style)}, {});
  };
  const at::Tensor difference = (painted(true) - painted(false)).abs() * 255;
  EXPECT_LT(difference.mean().item<double>(), 1);
  EXPECT_LT(difference.max().item<double>(), 24);
}

TEST(OnePassPainter, AnySizeIsKept) {
  const OnePassPainter painter = tiny_painter();
  const at::Tensor code = painter.code(smooth_picture(7, 100, 2));
  for (const auto& [height, width] : {std::pair{1, 1}, {3, 70}, {33, 47}, {64, 16}}) {
    const at::Tensor painted = painter.paint(smooth_picture(height, width, 1), {.codes = code}, {});
    EXPECT_EQ(painted.sizes(), at::IntArrayRef({1, 3, height, width}));
    EXPECT_TRUE(at::isfinite(painted).all().item<bool>());
  }
}

TEST(OnePassPainter, AlphaGoesFromTheOwnLookToTheStyle) {
  const OnePassPainter painter = tiny_painter();
  const at::Tensor content = smooth_picture(48, 48, 1);
  const at::Tensor code = painter.code(smooth_picture(48, 48, 2));
  const at::Tensor own = painter.paint(content, {.codes = painter.code(content)}, {});
  const at::Tensor full = painter.paint(content, {.codes = code}, {});
  const auto at_alpha = [&](double alpha) {
    return painter.paint(content, {.codes = code}, {.alpha = alpha});
  };
  EXPECT_LT(farthest(at_alpha(0), own), 1e-5);
  EXPECT_LT(farthest(at_alpha(1), full), 1e-5);
  const double half = (at_alpha(0.5) - own).norm().item<double>();
  EXPECT_GT(half, 0);
  EXPECT_LT(half, (full - own).norm().item<double>());
}

TEST(OnePassPainter, StrengthActsOnOneScale) {
  const OnePassPainter painter = tiny_painter();
  const at::Tensor content = smooth_picture(48, 48, 1);
  const PaintCodes style{.codes = painter.code(smooth_picture(48, 48, 2))};
  const at::Tensor own = painter.code(content);
  const at::Tensor mixed =
      painter.resolved(painter.statistics(content), style, {.strength = {1, 1, 0}}).codes;
  // Codes begin with the coarse scale.
  EXPECT_LT(farthest(mixed.narrow(1, 0, 24), own.narrow(1, 0, 24)), 1e-5);
  EXPECT_LT(farthest(mixed.slice(1, mixed.size(1) - 16), style.codes.slice(1, mixed.size(1) - 16)),
            1e-5);
}

TEST(OnePassPainter, WhatNoMapCoversKeepsItsOwnLook) {
  const OnePassPainter painter = tiny_painter();
  const at::Tensor content = smooth_picture(48, 48, 1);
  const PaintCodes nowhere{.codes = painter.code(smooth_picture(48, 48, 2)),
                           .maps = at::zeros({1, 48, 48})};
  EXPECT_LT(farthest(painter.paint(content, nowhere, {}),
                     painter.paint(content, {.codes = painter.code(content)}, {})),
            1e-5);
}

TEST(OnePassPainter, KnowsItsOwnStylesByName) {
  TensorMap weights = tiny_painter_weights();
  const OnePassPainter any = tiny_painter();
  weights["codes"] =
      at::cat({any.code(smooth_picture(32, 32, 2)), any.code(smooth_picture(32, 32, 3))});
  const OnePassPainter painter = make_painter(weights, "two", {"cypress", "wave"}, at::kCPU);
  EXPECT_TRUE(painter.code_of("pictures/wave.jpg").equal(painter.code_of("wave")));
  EXPECT_TRUE(painter.code_of("wave").equal(weights["codes"].narrow(0, 1, 1)));
  EXPECT_NE(message_of([&] { painter.code_of("seurat"); }).find("cypress, wave"),
            std::string::npos);
  EXPECT_EQ(code_of([&] { painter.code(smooth_picture(32, 32, 2)); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { any.code_of("wave"); }), ErrorCode::invalid_argument);
}

TEST(OnePassPainter, LooksAreThoseOfItsWeights) {
  TensorMap weights = tiny_painter_weights();
  const net::PainterOptions options = painter_options_in(weights, "file");
  EXPECT_EQ(options.looks, net::PainterOptions{}.looks);
  EXPECT_EQ(tiny_painter().looks(), options.looks.size());
  std::erase_if(weights, [](const auto& item) { return item.first.starts_with("retouch.0."); });
  EXPECT_EQ(code_of([&] { painter_options_in(weights, "file"); }), ErrorCode::corrupt_file)
      << "a second look without a first";
  std::erase_if(weights, [](const auto& item) { return item.first.starts_with("retouch."); });
  EXPECT_EQ(make_painter(weights, "file", {}, at::kCPU).looks(), 0U);
}

TEST(OnePassPainter, DamagedWeightsAreNamed) {
  const auto message = [](const TensorMap& weights, const std::vector<std::string>& styles = {}) {
    return message_of([&] { make_painter(weights, "file", styles, at::kCPU); });
  };
  TensorMap weights = tiny_painter_weights();
  weights.erase("encoder.3.weight");
  EXPECT_NE(message(weights).find("encoder.3.weight"), std::string::npos);
  weights = tiny_painter_weights();
  weights["paint.bias"].fill_(NAN);
  EXPECT_NE(message(weights).find("paint.bias"), std::string::npos);
  weights = tiny_painter_weights();
  weights["blocks.1.weight"] = at::zeros({1, 2, 3, 3});
  EXPECT_NE(message(weights).find("blocks.1.weight"), std::string::npos);
  weights = tiny_painter_weights();
  weights["codes"] = at::zeros({1, 5});
  EXPECT_NE(message(weights, {"wave"}).find("codes"), std::string::npos);
  EXPECT_NE(message({}).find("no painter in it"), std::string::npos);
}

}  // namespace
}  // namespace likeness
