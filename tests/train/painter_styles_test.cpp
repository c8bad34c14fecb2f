#include "train/painter_styles.h"

#include <algorithm>
#include <set>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>

#include "train/perceptual_samples.h"

namespace likeness {
namespace {

/// Pictures that are not their own mirror images.
std::vector<Image> paintings() {
  std::vector<Image> pictures;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Random random(seed);
    pictures.push_back(to_image(seeded_normal({1, 3, 48, 64}, 0.3, random).add_(0.5).clamp_(0, 1)));
  }
  return pictures;
}

PerceptualNetwork tiny_network() {
  return make_perceptual_network(tiny_teacher({4, 5, 6, 7}), "tiny", at::kCPU, {});
}

/// Largest difference of second moments from those of `picture` in `view`, over taps.
double difference(const PictureStatistics& statistics, const PaintingJudge& judge,
                  const at::Tensor& picture, View view) {
  const PictureStatistics expected =
      judge.statistics(judge.taps(seen(picture, view).contiguous(at::MemoryFormat::ChannelsLast)));
  double largest = 0;
  for (std::size_t tap = 0; tap < kPaintedTaps; ++tap) {
    const at::Tensor apart = statistics[tap].moments.second - expected[tap].moments.second;
    largest = std::max(largest, apart.abs().max().item<double>());
  }
  return largest;
}

TEST(StyleCrops, HaveTheMomentsThatTheNetworkSeesInTheirView) {
  const PerceptualNetwork network = tiny_network();
  const PaintingJudge judge(network);
  const std::vector<Image> pictures = paintings();
  PainterTrainingOptions options;
  options.crop = 32;
  options.style_crops = 8;
  StyleCrops crops(options, judge, pictures, pictures);
  Random random(5);
  std::set<View> met;
  for (int i = 0; i < 2; ++i) {  // the second time from what is known
    const StyleBatch batch = crops.choose(12, random);
    ASSERT_EQ(batch.views.size(), 12U);
    for (std::size_t n = 0; n < 12; ++n) {
      const View view = batch.views[n];
      met.insert(view);
      const at::Tensor picture = batch.pictures.narrow(0, static_cast<std::int64_t>(n), 1);
      EXPECT_LT(difference(batch.statistics[n], judge, picture, view), 1e-5);
      const View other = view == View::plain ? View::turned : View::plain;
      EXPECT_GT(difference(batch.statistics[n], judge, picture, other), 1e-3);
    }
  }
  EXPECT_EQ(met.size(), kViews.size());
}

TEST(FixedStyles, HaveTheMomentsThatTheNetworkSeesInTheirView) {
  const PerceptualNetwork network = tiny_network();
  const PaintingJudge judge(network);
  const std::vector<Image> pictures = paintings();
  PainterTrainingOptions options;
  options.style_size = 64;
  FixedStyles styles(options, judge, pictures);
  Random random(5);
  std::set<View> met;
  const StyleBatch batch = styles.choose(24, random);
  for (std::size_t n = 0; n < 24; ++n) {
    const View view = batch.views[n];
    met.insert(view);
    const auto number =
        static_cast<std::size_t>(batch.numbers[static_cast<std::int64_t>(n)].item<std::int64_t>());
    EXPECT_LT(difference(batch.statistics[n], judge, styles.pictures()[number], view), 1e-5);
  }
  EXPECT_EQ(met.size(), kViews.size());
}

}  // namespace
}  // namespace likeness
