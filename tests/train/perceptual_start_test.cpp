/// Where students of VGG start from.

#include "train/perceptual_start.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/model/network.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"
#include "train/perceptual_crops.h"
#include "train/perceptual_losses.h"
#include "train/perceptual_measure.h"
#include "train/perceptual_samples.h"

namespace likeness {
namespace {

at::Tensor some_crops(std::uint64_t seed) {
  const std::vector<Image> pictures = {drawn_picture(90, 70), drawn_picture(40, 120)};
  Random random(seed);
  return training_crops(pictures, 8, 32, random);
}

net::Vgg loaded(const TensorMap& weights, const std::vector<std::int64_t>& widths) {
  net::Vgg network(net::VggOptions{.widths = widths});
  load_parameters(*network, weights);
  for (torch::Tensor& parameter : network->parameters()) parameter.requires_grad_(false);
  return network;
}

PerceptualMeasures measured_start(net::Vgg teacher, const std::vector<std::int64_t>& widths) {
  Student student(net::VggOptions{.widths = widths}, teacher->options.widths);
  start_from_teacher(*student, *teacher, some_crops(1));
  return measure_student(*student, *teacher, some_crops(2));
}

TEST(PerceptualStart, ReproducesATeacherOfTheSameWidth) {
  const std::vector<std::int64_t> widths = {6, 8, 10, 12};
  const PerceptualMeasures start = measured_start(loaded(tiny_teacher(widths), widths), widths);
  ASSERT_EQ(start.r2.size(), 4U);
  for (std::size_t tap = 0; tap < 4; ++tap) {
    EXPECT_GT(start.r2[tap], 0.99) << "tap " << tap;
    EXPECT_LT(start.gram_error[tap], 0.01) << "tap " << tap;
  }
}

TEST(PerceptualStart, HalfTheChannelsExplainATeacherThatRepeatsItself) {
  const std::vector<std::int64_t> widths = {8, 12, 16, 20};
  const std::vector<std::int64_t> half = {4, 6, 8, 10};
  const PerceptualMeasures start = measured_start(loaded(tiny_teacher(widths, 2), widths), half);
  for (std::size_t tap = 0; tap < 4; ++tap) EXPECT_GT(start.r2[tap], 0.8) << "tap " << tap;
}

TEST(PerceptualStart, TakesOverWhatWasLearned) {
  const std::vector<std::int64_t> widths = {8, 12, 16, 20};
  net::Vgg teacher = loaded(tiny_teacher(widths), widths);
  Student first(net::VggOptions{.widths = {8, 12, 8, 10}}, widths);
  start_from_teacher(*first, *teacher, some_crops(1));
  const TensorMap learned = [&] {
    TensorMap tensors = first->exported();
    for (auto& [name, tensor] : tensors) tensor = tensor * 1.01;  // no more the teacher's
    tensors.at("features.10.weight").narrow(0, 1, 7).zero_();     // conv3_1 leaves much to explain
    return tensors;
  }();

  Student same(net::VggOptions{.widths = {8, 12, 8, 10}}, widths);
  start_from_teacher(*same, *teacher, some_crops(2), learned);
  for (const auto& [name, tensor] : same->exported())
    EXPECT_TRUE(tensor.equal(learned.at(name))) << name;

  Student wider(net::VggOptions{.widths = {8, 12, 8, 14}, .tap_widths = {8, 12, 16, 14}}, widths);
  start_from_teacher(*wider, *teacher, some_crops(1), learned);
  const TensorMap tensors = wider->exported();
  for (const auto& [name, tensor] : learned) {
    if (!name.starts_with("features.")) continue;
    EXPECT_TRUE(tensors.at(name).narrow(0, 0, tensor.size(0)).equal(tensor)) << name;
  }
  EXPECT_TRUE(tensors.at("lift.relu2_1.weight").equal(learned.at("lift.relu2_1.weight")));
  const auto before = measure_student(*same, *teacher, some_crops(1));
  const auto after = measure_student(*wider, *teacher, some_crops(1));
  EXPECT_NEAR(after.r2[1], before.r2[1], 1e-6);
  EXPECT_LT(before.r2[2], 0.5);
  EXPECT_GT(after.r2[2], 0.95);

  // Fewer channels in block 2: what follows was learned for others.
  Student narrower(net::VggOptions{.widths = {8, 11, 8, 10}}, widths);
  start_from_teacher(*narrower, *teacher, some_crops(2), learned);
  const TensorMap anew = narrower->exported();
  EXPECT_TRUE(anew.at("features.2.weight").equal(learned.at("features.2.weight")));
  EXPECT_FALSE(anew.at("features.12.weight").equal(learned.at("features.12.weight")));
  EXPECT_FALSE(anew.at("lift.relu4_1.weight").equal(learned.at("lift.relu4_1.weight")));
}

TEST(PerceptualStart, PivotsAreTheChannelsThatExplainMost) {
  // Channel 2 is large and alone; 0 and 1 are one and the same; 3 is small.
  const at::Tensor moments =
      at::tensor({2.0, 2.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 1.0},
                 at::kDouble)
          .view({4, 4});
  EXPECT_EQ(cholesky_pivots(moments, 3), (std::vector<std::int64_t>{2, 0, 3}))
      << "the twin of 0 explains nothing more";
  EXPECT_EQ(cholesky_pivots(moments, 4), (std::vector<std::int64_t>{2, 0, 3, 1}));
}

TEST(PerceptualLosses, AreThoseOfTheLiftedActivations) {
  Random random(4);
  const at::Tensor features = seeded_normal({2, 3, 5, 4}, 1, random);
  const Lift lift{.matrix = seeded_normal({7, 3}, 1, random),
                  .offset = seeded_normal({7}, 1, random)};
  const at::Tensor lifted = lifted_rows(features, lift);  // [2, 20, 7]
  const at::Tensor by_hand =
      at::einsum("oc,nchw->nohw", {lift.matrix, features}) + lift.offset.view({1, 7, 1, 1});
  EXPECT_TRUE(lifted.allclose(by_hand.flatten(2).transpose(1, 2), 1e-4, 1e-5));
  EXPECT_TRUE(lifted_grams(features, lift)
                  .allclose(at::bmm(lifted.transpose(1, 2), lifted) / 20, 1e-4, 1e-4));

  const at::Tensor target = by_hand + 0.5;
  const double variance =
      (target.square().mean() - target.mean(at::IntArrayRef{0, 2, 3}).square().mean())
          .item<double>();
  EXPECT_NEAR(feature_loss({features}, {lift}, {target}).item<double>(), 0.25 / variance, 1e-4);
  EXPECT_NEAR(gram_loss({features}, {lift}, {by_hand}).item<double>(), 0, 1e-6);
  EXPECT_NEAR(gradient_loss(2 * features, features).item<double>(), 1, 1e-5);
}

TEST(PerceptualLosses, CompareWhatIsLeftOfPaintings) {
  const auto picture = [](float a, float b) { return at::tensor({a, b}).view({1, 1, 1, 2}); };
  const auto aims = [](float gram, float a, float b) {
    return PaintingTarget{.content = at::tensor({a, b}).view({1, 2, 1}),
                          .style = {at::tensor({gram}).view({1, 1, 1})}};
  };
  const auto loss = [&](const at::Tensor& student, const PaintingTarget& students) {
    // The teacher's Gram matrix is 5, 3 more than it aims at; its activations are 1 more.
    return difference_loss({student}, {{}}, students, {picture(1, 3)}, aims(2, 0, 2))
        .item<double>();
  };
  EXPECT_NEAR(loss(picture(1, 3), aims(2, 0, 2)), 0, 1e-6);
  EXPECT_NEAR(loss(picture(2, 2), aims(1, 1, 1)), 0, 1e-6) << "wrong alike: 4 - 1 is 3 as well";
  EXPECT_NEAR(loss(picture(2, 2), aims(3, 1, 1)), (1 - 3) * (1 - 3) / (9 + 0.02 * 4), 1e-6);
  EXPECT_NEAR(loss(picture(2, 2), aims(1, 0, 1)), 0.5, 1e-6) << "one of two is 1 too much";
}

class TeacherFile : public ::testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "teacher.safetensors"; }
  TemporaryFolder folder_;
  std::vector<std::int64_t> widths_ = {4, 5, 6, 7};
};

TEST_F(TeacherFile, FoldsTheNormalisationThatTorchvisionExpects) {
  const TensorMap weights = tiny_teacher(widths_);
  write_teacher(path(), weights, "torchvision");
  const at::Tensor crops = some_crops(1);
  const at::Tensor mean = at::tensor({0.485F, 0.456F, 0.406F}).view({1, 3, 1, 1});
  const at::Tensor deviation = at::tensor({0.229F, 0.224F, 0.225F}).view({1, 3, 1, 1});
  net::Vgg folded = load_teacher(path());
  const auto expected = loaded(weights, widths_)->forward((crops - mean) / deviation);
  const auto got = folded->forward(crops);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(got[i].allclose(expected[i], 1e-3, 1e-4)) << i;
  write_teacher(path(), weights);
  const auto plain = load_teacher(path())->forward(crops);
  EXPECT_TRUE(plain[3].equal(loaded(weights, widths_)->forward(crops)[3]));
}

TEST_F(TeacherFile, SaysWhatIsMissing) {
  TensorMap weights = tiny_teacher(widths_);
  weights.erase("features.19.weight");
  write_teacher(path(), weights);
  EXPECT_EQ(code_of([&] { load_teacher(path()); }), ErrorCode::corrupt_file);
  const std::string message = message_of([&] { load_teacher(path()); });
  EXPECT_NE(message.find("features.19.weight"), std::string::npos) << message;
  EXPECT_NE(message.find(path().string()), std::string::npos) << message;
  weights = tiny_teacher(widths_);
  weights["features.5.weight"] = at::zeros({5, 9, 3, 3});
  write_teacher(path(), weights);
  EXPECT_NE(message_of([&] { load_teacher(path()); }).find("features.5.weight: got [5, 9, 3, 3]"),
            std::string::npos)
      << "it reads more channels than there are";
  weights = tiny_teacher(widths_);
  weights["features.7.bias"][0].fill_(NAN);
  write_teacher(path(), weights);
  EXPECT_NE(message_of([&] { load_teacher(path()); }).find("features.7.bias"), std::string::npos);
}

}  // namespace
}  // namespace likeness
