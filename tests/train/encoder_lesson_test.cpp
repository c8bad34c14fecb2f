#include "train/encoder_lesson.h"

#include <array>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/image/tensor.h>

#include "net/difference_quotient.h"
#include "support/drawn_picture.h"
#include "train/perceptual_samples.h"

namespace likeness {
namespace {

at::Tensor numbers(std::uint64_t seed, at::IntArrayRef sizes) {
  Random random(seed);
  return seeded_normal(sizes, 1, random).to(at::kDouble);
}

TEST(MissedShare, IsNothingWhereTargetsAreAffineInTheFeatures) {
  const at::Tensor features = numbers(1, {200, 3});
  const at::Tensor targets = at::mm(features, numbers(2, {3, 5})) + numbers(3, {1, 5});
  EXPECT_LT(missed_share(features, targets).item<double>(), 0.003) << "but for the ridge";
}

TEST(MissedShare, IsNearlyAllWhereTheyHaveNothingToDoWithEachOther) {
  EXPECT_GT(missed_share(numbers(1, {500, 3}), numbers(2, {500, 5})).item<double>(), 0.97);
}

TEST(MissedShare, IsWhatCorrelationLeaves) {
  // y = (0, 1, 1, 4) over x = (0, 1, 2, 3): Σxy = 6, Σx² = 5, Σy² = 9 about the means, so that
  // 1 − 36 / (5 · 9) is left; the ridge takes a thousandth of what is explained.
  const at::Tensor x = at::tensor({0.0, 1.0, 2.0, 3.0}).view({4, 1});
  const at::Tensor y = at::tensor({0.0, 1.0, 1.0, 4.0}).view({4, 1});
  EXPECT_NEAR(missed_share(x, y).item<double>(), 1 - 0.8 / 1.001, 1e-12);
}

TEST(MissedShare, DoesNotDependOnTheScaleOfEither) {
  const at::Tensor x = numbers(1, {50, 3});
  const at::Tensor y = x + numbers(2, {50, 3});
  const double share = missed_share(x, y).item<double>();
  EXPECT_NEAR(missed_share(1000 * x, 0.01 * y + 7).item<double>(), share, 1e-9);
}

TEST(MissedShare, OfPlainTargetsOrFeaturesIsAll) {
  const at::Tensor plain = at::ones({9, 2}, at::kDouble);
  EXPECT_DOUBLE_EQ(missed_share(numbers(1, {9, 3}), plain).item<double>(), 1);
  EXPECT_DOUBLE_EQ(missed_share(plain, numbers(1, {9, 3})).item<double>(), 1);
}

TEST(MissedShare, HasTheGradientOfDifferences) {
  at::Tensor x = numbers(1, {20, 3}).requires_grad_();
  const at::Tensor y = numbers(2, {20, 2}) + x.detach().narrow(1, 0, 2);
  missed_share(x, y).backward();
  const at::Tensor gradient = x.grad();
  at::Tensor moved = x.detach().clone();
  auto* values = moved.data_ptr<double>();
  for (const std::int64_t i : {0, 7, 31, 59})
    EXPECT_NEAR(gradient.flatten()[i].item<double>(),
                net::difference_quotient(values[i], 1e-5, [&] { return missed_share(moved, y); }),
                1e-8);
}

class EncoderLessons : public ::testing::Test {
 protected:
  EncoderLessons() {
    options_.crop = 32;
    options_.encoder_batch = 4;
    for (int i = 0; i < 6; ++i) {
      pictures_.contents.training.push_back(drawn_picture(64 + 3 * i, 60 + 5 * i));
      pictures_.contents.held_out.push_back(drawn_picture(70 + 4 * i, 66 + i));
    }
  }
  net::PainterEncoder encoder() const {
    net::PainterEncoder encoder(std::array<std::int64_t, net::kPainterScales>{6, 8, 10});
    Random random(4);
    for (auto& parameter : encoder->parameters()) {
      const at::NoGradGuard no_gradients;
      parameter.copy_(seeded_normal(parameter.sizes(), 0.2, random));
    }
    return encoder;
  }

  PainterTrainingOptions options_;
  PainterPictures pictures_;
  PerceptualNetwork network_ =
      make_perceptual_network(tiny_teacher({4, 5, 6, 7}), "tiny", at::kCPU, {});
  PaintingJudge judge_{network_};
};

TEST_F(EncoderLessons, TeachWhatThePerceptualNetworkSees) {
  constexpr std::int64_t kSteps = 60;
  net::PainterEncoder learner = encoder();
  EncoderLesson lesson(options_, kSteps, pictures_, judge_, learner);
  const EncoderMeasures before = lesson.measure();
  EncoderStep last;
  for (std::int64_t i = 0; i < kSteps; ++i) last = lesson.learn();
  EXPECT_EQ(last.step, kSteps);
  const EncoderMeasures after = lesson.measure();
  EXPECT_EQ(after.step, kSteps);
  for (std::size_t i = 1; i < 3; ++i)
    EXPECT_LT(after.missed[i], 0.7 * before.missed[i]) << "target " << i;
}

TEST_F(EncoderLessons, GoOnBitForBit) {
  constexpr std::int64_t kSteps = 4;
  net::PainterEncoder whole = encoder();
  EncoderLesson at_once(options_, kSteps, pictures_, judge_, whole);
  for (std::int64_t i = 0; i < kSteps; ++i) at_once.learn();

  Checkpoint checkpoint;
  {
    EncoderLesson begun(options_, kSteps, pictures_, judge_, encoder());
    begun.learn();
    begun.learn();
    begun.save(checkpoint);
  }
  net::PainterEncoder resumed = encoder();
  EncoderLesson rest(options_, kSteps, pictures_, judge_, resumed);
  rest.restore(checkpoint);
  EXPECT_EQ(rest.steps(), 2);
  while (rest.steps() < kSteps) rest.learn();
  for (const auto& item : whole->named_parameters())
    EXPECT_TRUE(item.value().equal(resumed->named_parameters()[item.key()])) << item.key();
}

TEST_F(EncoderLessons, FinishWithFeaturesOfOneSize) {
  net::PainterEncoder learner = encoder();
  for (auto& parameter : learner->parameters()) {
    const at::NoGradGuard no_gradients;
    parameter.mul_(5);
  }
  EncoderLesson lesson(options_, 1, pictures_, judge_, learner);
  const EncoderMeasures before = lesson.measure();
  const at::Tensor picture = to_tensor(drawn_picture(64, 64));
  const auto size = [&](std::size_t scale) {
    return learner->forward(picture)[scale].square().mean().item<double>();
  };
  for (std::size_t s = 1; s < 3; ++s) EXPECT_GT(size(s), 2) << "before, scale " << s;
  lesson.finish();
  for (std::size_t s = 0; s < 3; ++s) EXPECT_NEAR(size(s), 0.25, 0.2) << "scale " << s;
  const EncoderMeasures after = lesson.measure();
  for (std::size_t i = 0; i < kEncoderTargets; ++i)
    EXPECT_NEAR(after.missed[i], before.missed[i], 1e-3);
}

}  // namespace
}  // namespace likeness
