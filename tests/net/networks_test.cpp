/// What holds for every network: shapes, packed and plain answers, batches, threads, gradients.

#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <likeness/net/landmark68.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/mtcnn.h>
#include <likeness/net/resnet.h>
#include <torch/types.h>

#include "net/random_weights.h"

namespace likeness::net {
namespace {

torch::Tensor outputs(const torch::Tensor& y) {
  return y;
}

/// All that a stage says about its first dimension's items, side by side.
torch::Tensor outputs(const FaceProposals& found) {
  const auto count = found.offset.size(0);
  std::vector<torch::Tensor> parts = {found.score.reshape({count, -1}),
                                      found.offset.reshape({count, -1})};
  if (found.points.defined()) parts.push_back(found.points);
  return at::cat(parts, 1);
}

/// A network with random weights, and an input of two pictures for it.
template <class Network>
struct Sample {
  Sample() { randomise(*network); }
  torch::Tensor run(const torch::Tensor& x) {
    const torch::NoGradGuard no_gradients;
    return outputs(network->forward(x)).clone();
  }
  Network network;
  torch::Tensor x = random_input({2, 3, height(), width()});

 private:
  static constexpr bool kAnySize = std::is_same_v<Network, PNet>;
  static std::int64_t height() {
    if constexpr (kAnySize)
      return 41;
    else
      return Network::Impl::kInputSize;
  }
  static std::int64_t width() { return kAnySize ? 58 : height(); }
};

template <class Network>
class EveryNetwork : public ::testing::Test {};
using Networks = ::testing::Types<ResNet, MobileFaceNet, Landmark68, PNet, RNet, ONet>;
TYPED_TEST_SUITE(EveryNetwork, Networks);

TYPED_TEST(EveryNetwork, GivesTheSameAnswerPacked) {
  Sample<TypeParam> sample;
  const auto plain = sample.run(sample.x);
  sample.network->pack();
  EXPECT_LT(relative_difference(sample.run(sample.x), plain), 1e-4);
}

TYPED_TEST(EveryNetwork, TakesEveryMemoryFormat) {
  Sample<TypeParam> sample;
  sample.network->pack();
  const auto planes = sample.x.contiguous();
  EXPECT_LT(relative_difference(sample.run(planes), sample.run(sample.x)), 1e-4);
}

TYPED_TEST(EveryNetwork, LeavesItsInputAlone) {
  Sample<TypeParam> sample;
  sample.network->pack();
  const auto before = sample.x.clone();
  sample.run(sample.x);
  EXPECT_TRUE(at::equal(sample.x, before));
}

TYPED_TEST(EveryNetwork, JudgesAPictureAloneAsInABatch) {
  Sample<TypeParam> sample;
  sample.network->pack();
  const auto together = sample.run(sample.x);
  for (std::int64_t i = 0; i < 2; ++i)
    EXPECT_LT(relative_difference(sample.run(sample.x.narrow(0, i, 1)), together.narrow(0, i, 1)),
              1e-4);
  EXPECT_GT(relative_difference(together.narrow(0, 0, 1), together.narrow(0, 1, 1)), 1e-3)
      << "the two pictures differ, so must the answers";
}

TYPED_TEST(EveryNetwork, GivesTheSameAnswerWithOneAndTwoThreads) {
  Sample<TypeParam> sample;
  sample.network->pack();
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = sample.run(sample.x);
  const auto again = sample.run(sample.x);
  at::set_num_threads(2);
  const auto two = sample.run(sample.x);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one, again));
  EXPECT_LT(relative_difference(two, one), 1e-4);
}

TYPED_TEST(EveryNetwork, LetsGradientsReachEveryParameter) {
  Sample<TypeParam> sample;
  outputs(sample.network->forward(sample.x)).square().sum().backward();
  for (const auto& item : sample.network->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_TRUE(at::isfinite(item.value().grad()).all().template item<bool>()) << item.key();
    EXPECT_GT(item.value().grad().abs().sum().template item<float>(), 0) << item.key();
  }
}

TEST(ResNet, Gives128NumbersForAFace) {
  Sample<ResNet> sample;
  EXPECT_EQ(infer(sample.network, sample.x).sizes(), (std::vector<std::int64_t>{2, 128}));
  std::int64_t parameters = 0;
  for (const auto& parameter : sample.network->parameters()) parameters += parameter.numel();
  EXPECT_EQ(sample.network->blocks->size(), 14U);
  // dlib's 5,614,592 less the scale layers' two values for each of 29 layers' filters.
  std::int64_t scales = 2 * 32;
  for (const std::int64_t filters : {6 * 32, 8 * 64, 6 * 128, 8 * 256}) scales += 2 * filters;
  EXPECT_EQ(parameters, 5'614'592 - scales);
}

TEST(ResNet, PadsTheShortcutWithZeros) {
  ResidualBlock block(2, 4, true);  // weights and biases are 0: only the shortcut is left
  const auto x = torch::ones({1, 2, 6, 6});
  const auto y = infer(block, x);
  ASSERT_EQ(y.sizes(), (std::vector<std::int64_t>{1, 4, 3, 3}));
  EXPECT_TRUE(at::equal(y.narrow(1, 0, 2), torch::ones({1, 2, 3, 3})));
  EXPECT_TRUE(at::equal(y.narrow(1, 2, 2), torch::zeros({1, 2, 3, 3})));
}

TEST(MobileFaceNet, Gives192NumbersForAFace) {
  Sample<MobileFaceNet> sample;
  EXPECT_EQ(infer(sample.network, sample.x).sizes(), (std::vector<std::int64_t>{2, 192}));
}

TEST(MobileFaceNet, AddsTheInputOnlyWhereTheShapeStays) {
  EXPECT_TRUE(InvertedResidual(4, 8, 4, false)->shortcut);
  EXPECT_FALSE(InvertedResidual(4, 8, 4, true)->shortcut);
  EXPECT_FALSE(InvertedResidual(4, 8, 6, false)->shortcut);
  InvertedResidual zeros(4, 8, 4, false);
  const auto x = random_input({1, 4, 5, 5});
  EXPECT_TRUE(at::equal(infer(zeros, x), x));
}

TEST(PNet, LooksAtEverySecondWindowOf12Pixels) {
  Sample<PNet> sample;
  const auto found = infer(sample.network, random_input({1, 3, 12, 12}));
  EXPECT_EQ(found.score.sizes(), (std::vector<std::int64_t>{1, 1, 1}));
  EXPECT_EQ(found.offset.sizes(), (std::vector<std::int64_t>{1, 4, 1, 1}));
  EXPECT_FALSE(found.points.defined());
  const auto wide = infer(sample.network, random_input({1, 3, 12, 32}));
  EXPECT_EQ(wide.score.sizes(), (std::vector<std::int64_t>{1, 1, 11}));
}

/// With gradients a picture goes through as a whole, without in strips.
TEST(PNet, SeesALargePictureInStripsAsItDoesWhole) {
  Sample<PNet> sample;
  sample.network->pack();
  const int before = at::get_num_threads();
  for (const int threads : {1, 3}) {
    at::set_num_threads(threads);
    for (const std::int64_t height : {12, 13, 27, 28, 29, 44, 211, 302, 303})
      for (const std::int64_t pictures : {1, 2}) {
        SCOPED_TRACE(std::to_string(threads) + " threads, " + std::to_string(pictures) +
                     " pictures of height " + std::to_string(height));
        const auto x = random_input({pictures, 3, height, 201});
        const auto whole = sample.network->forward(x);
        const auto strips = infer(sample.network, x);
        EXPECT_LT(relative_difference(strips.score, whole.score), 1e-4);
        EXPECT_LT(relative_difference(strips.offset, whole.offset), 1e-4);
      }
  }
  at::set_num_threads(before);
}

TEST(PNet, RefusesAPictureSmallerThanAWindow) {
  Sample<PNet> sample;
  EXPECT_THROW(infer(sample.network, random_input({1, 3, 11, 40})), std::logic_error);
  EXPECT_THROW(infer(sample.network, random_input({1, 3, 40, 11})), std::logic_error);
}

/// The same for crops: without gradients they go through in parts.
template <class Network>
void expect_parts_as_whole() {
  Sample<Network> sample;
  sample.network->pack();
  for (const std::int64_t crops : {1, 2, 3, 8, 9, 17}) {
    const auto size = Network::Impl::kInputSize;
    const auto x = random_input({crops, 3, size, size});
    EXPECT_LT(relative_difference(sample.run(x), outputs(sample.network->forward(x))), 1e-4);
  }
}

TEST(RNet, SeesManyCropsInPartsAsItDoesTogether) {
  expect_parts_as_whole<RNet>();
}

TEST(ONet, SeesManyCropsInPartsAsItDoesTogether) {
  expect_parts_as_whole<ONet>();
}

TEST(PNet, JudgesAWindowByItsPixelsAlone) {
  Sample<PNet> sample;
  const auto x = random_input({1, 3, 24, 24});
  const auto whole = infer(sample.network, x).score;
  const auto window = infer(sample.network, x.narrow(2, 2 * 3, 12).narrow(3, 2 * 2, 12)).score;
  EXPECT_NEAR(whole[0][3][2].item<float>(), window[0][0][0].item<float>(), 1e-5);
}

TEST(RNet, GivesAScoreAndABoxForACrop) {
  Sample<RNet> sample;
  const auto found = infer(sample.network, sample.x);
  EXPECT_EQ(found.score.sizes(), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(found.offset.sizes(), (std::vector<std::int64_t>{2, 4}));
  EXPECT_FALSE(found.points.defined());
}

TEST(ONet, GivesFivePointsToo) {
  Sample<ONet> sample;
  const auto found = infer(sample.network, sample.x);
  EXPECT_EQ(found.score.sizes(), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(found.offset.sizes(), (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(found.points.sizes(), (std::vector<std::int64_t>{2, 10}));
  EXPECT_GE(found.score.min().item<float>(), 0);
  EXPECT_LE(found.score.max().item<float>(), 1);
}

}  // namespace
}  // namespace likeness::net
