#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/codec.h>
#include <likeness/style/mask.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

/// White in the rectangle, black elsewhere.
Image mask_of(int width, int height, int x0, int y0, int w, int h) {
  Image mask(width, height);
  for (int y = y0; y < y0 + h; ++y)
    for (int x = 3 * x0; x < 3 * (x0 + w); ++x) mask.row(y)[x] = 255;
  return mask;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(MaskWeights, AreTheSharesOfEachPosition) {
  const at::Tensor weights = mask_weights(mask_of(4, 2, 0, 0, 3, 1), 1, 2);
  EXPECT_LT(largest_difference(weights, at::tensor({0.5F, 0.25F}).view({1, 2})), 1e-6);
}

TEST(MaskWeights, AreTheMaskAtItsOwnSize) {
  const at::Tensor weights = mask_weights(mask_of(7, 5, 2, 1, 3, 2), 5, 7);
  at::Tensor expected = at::zeros({5, 7});
  expected.narrow(0, 1, 2).narrow(1, 2, 3).fill_(1);
  EXPECT_LT(largest_difference(weights, expected), 1e-6);
}

TEST(MaskWeights, AverageWhereSidesAreNoMultiples) {
  // Ten pixels on three positions: the first sees 3⅓ pixels, two of which are white.
  const at::Tensor weights = mask_weights(mask_of(10, 1, 0, 0, 2, 1), 1, 3);
  EXPECT_NEAR(weights[0][0].item<double>(), 0.6, 1e-5);
  EXPECT_NEAR(weights.sum().item<double>() * 10 / 3, 2, 1e-4);
}

TEST(MaskWeights, MissNoPixelHoweverSmallTheTap) {
  const at::Tensor weights = mask_weights(mask_of(1024, 1024, 700, 300, 1, 1), 16, 16);
  EXPECT_NEAR(weights[300 / 64][700 / 64].item<double>(), 1 / 4096.0, 1e-6);
  EXPECT_NEAR(weights.sum().item<double>(), 1 / 4096.0, 1e-6);
}

TEST(MaskWeights, AreInterpolatedFromASmallerMask) {
  const at::Tensor weights = mask_weights(mask_of(2, 2, 0, 0, 1, 2), 4, 8);
  EXPECT_LT(largest_difference(weights[0], weights[3]), 1e-6);
  EXPECT_NEAR(weights[0][0].item<double>(), 1, 1e-6);
  EXPECT_NEAR(weights[0][3].item<double>(), 0.625, 1e-6);
  EXPECT_NEAR(weights[0][7].item<double>(), 0, 1e-6);
}

TEST(MaskWeights, TakeGreyAndAlphaInPart) {
  Image mask(2, 1, 4);
  const std::uint8_t samples[] = {51, 51, 51, 255, 255, 255, 255, 102};
  std::copy(std::begin(samples), std::end(samples), mask.pixels().begin());
  const at::Tensor weights = mask_weights(mask, 1, 2);
  EXPECT_LT(largest_difference(weights, at::tensor({0.2F, 0.4F}).view({1, 2})), 1e-6);
}

TEST(Mask, ThatIsBlackEverywhereIsAnErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "empty.png";
  write_image(path, Image(5, 4));
  EXPECT_EQ(code_of([&] { read_mask(path); }), ErrorCode::invalid_argument);
  EXPECT_NE(message_of([&] { read_mask(path); }).find("empty.png"), std::string::npos);
  EXPECT_THROW(check_mask(Image(5, 4, 4), "clear"), Error);
  write_image(path, mask_of(5, 4, 4, 3, 1, 1));
  EXPECT_EQ(read_mask(path), mask_of(5, 4, 4, 3, 1, 1));
}

TEST(Mask, HasTheAspectOfItsPictureUpToWholePixels) {
  EXPECT_TRUE(has_aspect_of(Image(100, 75), Image(1200, 900)));
  EXPECT_TRUE(has_aspect_of(Image(100, 67), Image(1200, 800)));  // 66.67
  EXPECT_TRUE(has_aspect_of(Image(1200, 800), Image(100, 67)));
  EXPECT_TRUE(has_aspect_of(Image(3, 2), Image(3, 2)));
  EXPECT_FALSE(has_aspect_of(Image(100, 70), Image(1200, 800)));
  EXPECT_FALSE(has_aspect_of(Image(75, 100), Image(1200, 900)));
  EXPECT_FALSE(has_aspect_of(Image(512, 512), Image(512, 500)));
}

TEST(MaskWeights, WantASizeAndAMask) {
  EXPECT_THROW(mask_weights(Image(), 4, 4), std::logic_error);
  EXPECT_THROW(mask_weights(Image(3, 3), 0, 4), std::logic_error);
}

}  // namespace
}  // namespace likeness
