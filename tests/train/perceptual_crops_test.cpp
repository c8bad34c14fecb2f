/// Crops that perceptual networks learn from.

#include "train/perceptual_crops.h"

#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/drawn_picture.h"

namespace likeness {
namespace {

/// Values from edge to edge, so that any step too far leaves the range.
at::Tensor extreme_crops() {
  return at::linspace(0, 1, 4 * 3 * 8 * 8).view({4, 3, 8, 8}).contiguous();
}

void expect_in_range(const at::Tensor& x) {
  EXPECT_GE(x.min().item<float>(), 0.0F);
  EXPECT_LE(x.max().item<float>(), 1.0F);
}

TEST(PerceptualCrops, EachAugmentationStaysWithinZeroAndOne) {
  Random random(3);
  const at::Tensor crops = extreme_crops();
  bool jitter_changes = false;
  bool noise_changes = false;
  for (int i = 0; i < 50; ++i) {
    const at::Tensor jittered = jitter_colours(crops, random);
    const at::Tensor noisy = add_noise(crops, random);
    for (const at::Tensor& x :
         {jittered, exchange_channels(crops, random), mix_neighbours(crops, random), noisy}) {
      ASSERT_EQ(x.sizes(), crops.sizes());
      expect_in_range(x);
    }
    jitter_changes = jitter_changes || !jittered.equal(crops);
    noise_changes = noise_changes || !noisy.equal(crops);
  }
  EXPECT_TRUE(jitter_changes);
  EXPECT_TRUE(noise_changes);
  EXPECT_TRUE(crops.equal(extreme_crops())) << "what is given stays as it is";
}

TEST(PerceptualCrops, ExchangedChannelsAreTheSameChannels) {
  Random random(3);
  const at::Tensor crops = extreme_crops();
  bool exchanged = false;
  for (int i = 0; i < 20; ++i) {
    const at::Tensor x = exchange_channels(crops, random);
    EXPECT_TRUE(x.sum(1).allclose(crops.sum(1)));
    exchanged = exchanged || !x.equal(crops);
  }
  EXPECT_TRUE(exchanged);
}

TEST(PerceptualCrops, MixedCropsLieBetweenNeighbours) {
  Random random(3);
  const at::Tensor crops = extreme_crops();
  const at::Tensor neighbours = crops.roll(1, 0);
  const at::Tensor low = at::minimum(crops, neighbours) - 1e-6;
  const at::Tensor high = at::maximum(crops, neighbours) + 1e-6;
  int mixed = 0;
  for (int i = 0; i < 25; ++i) {
    const at::Tensor x = mix_neighbours(crops, random);
    EXPECT_TRUE((x >= low).logical_and(x <= high).all().item<bool>());
    mixed += x.equal(crops) ? 0 : 1;
  }
  EXPECT_GT(mixed, 5);
}

TEST(PerceptualCrops, AreTheSameForTheSameSeedAndOfTheSizeAskedFor) {
  const std::vector<Image> pictures = {drawn_picture(90, 70), drawn_picture(40, 300),
                                       drawn_picture(20, 20)};  // smaller than the crop
  Random one(7);
  Random again(7);
  Random other(8);
  const at::Tensor crops = training_crops(pictures, 9, 32, one);
  EXPECT_EQ(crops.sizes(), at::IntArrayRef({9, 3, 32, 32}));
  EXPECT_TRUE(crops.is_contiguous(at::MemoryFormat::ChannelsLast));
  expect_in_range(crops);
  EXPECT_TRUE(crops.equal(training_crops(pictures, 9, 32, again)));
  EXPECT_FALSE(crops.equal(training_crops(pictures, 9, 32, other)));
}

}  // namespace
}  // namespace likeness
