#include "style/painting_start.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>

#include "style/resized.h"

namespace likeness {
namespace {

constexpr Size kSmall = {.width = 40, .height = 32};
constexpr Size kLarge = {.width = 80, .height = 64};

Image noisy(std::uint64_t seed) {
  at::manual_seed(seed);
  return to_image(at::rand({1, 3, kLarge.height, kLarge.width}) * 0.6 + 0.2);
}

struct PaintingStarts : testing::Test {
  at::Tensor at_size(Size size) const { return start().at(size); }
  PaintingStart start() const { return {content, options, net::Tap::relu2_1, at::kCPU}; }

  Image content = noisy(1);
  StyliseOptions options;
};

TEST_F(PaintingStarts, AreTheContentAGivenPictureOrNoise) {
  EXPECT_TRUE(at::equal(at_size(kLarge), to_tensor(content)));
  options.start = StyleStart::picture;
  options.start_picture = noisy(2);
  EXPECT_TRUE(at::equal(at_size(kLarge), to_tensor(options.start_picture)));
  EXPECT_EQ(at_size(kSmall).sizes(), at::IntArrayRef({1, 3, kSmall.height, kSmall.width}));
  options.start = StyleStart::noise;
  const at::Tensor noise = at_size(kLarge);
  EXPECT_TRUE(at::equal(at_size(kLarge), noise));
  options.seed = 2;
  EXPECT_GT((at_size(kLarge) - noise).abs().mean().item<float>(), 0.2);
}

TEST_F(PaintingStarts, KeepTheirDetailWhenThePaintingGrows) {
  const at::Tensor painted = at_size(kSmall) + 0.1;
  const at::Tensor grown = start().grown(painted, kSmall, kLarge);
  EXPECT_LT((grown - at_size(kLarge) - 0.1).abs().max().item<float>(), 1e-5);
  EXPECT_TRUE(at::equal(start().grown(painted, kSmall, kSmall), painted));
  // Not beyond what a picture can show.
  EXPECT_EQ(start().grown(at_size(kSmall) + 1, kSmall, kLarge).max().item<float>(), 1);
}

TEST_F(PaintingStarts, OfNoiseOnlyWhatWasPaintedGrows) {
  options.start = StyleStart::noise;
  const at::Tensor painted = at_size(kSmall);
  EXPECT_TRUE(at::equal(start().grown(painted, kSmall, kLarge),
                        resized(painted, kLarge.height, kLarge.width).clamp(0, 1)));
}

}  // namespace
}  // namespace likeness
