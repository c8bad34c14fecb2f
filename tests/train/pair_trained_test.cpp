#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/train/pair_trained.h>

namespace likeness {
namespace {

using Faces = std::vector<std::int64_t>;

std::unique_ptr<SiameseNetwork> compact() {
  return compact_network({.size = 32, .dimensions = 16}, 1, c10::kCPU, false);
}

/// Six faces of three people.
std::unique_ptr<SiameseNetwork> with_pairs(double weight, PairForm form = PairForm::absolute) {
  return with_pair_loss(compact(), {.weight = weight, .form = form}, {7, 7, 8, 8, 9, 9}, c10::kCPU);
}

/// Encodings on the unit circle's first two dimensions, people at different angles.
at::Tensor encodings() {
  at::Tensor angles = at::tensor(std::vector<float>{0, 0.3F, 1, 1.2F, 2, 2.5F});
  at::Tensor f = at::zeros({6, 16});
  f.select(1, 0).copy_(angles.cos());
  f.select(1, 1).copy_(angles.sin());
  return f;
}

TEST(PairTrained, AddsTheLossOfThePairsOfABatch) {
  const Faces faces = {0, 1, 2, 3, 4, 5};
  const auto once = with_pairs(1);
  at::Tensor f = encodings().requires_grad_();
  const at::Tensor loss = once->penalty(faces, f);
  ASSERT_TRUE(loss.defined());
  EXPECT_GT(loss.item<double>(), 0);
  EXPECT_NEAR(with_pairs(3)->penalty(faces, f).item<double>(), 3 * loss.item<double>(), 1e-5);
  loss.backward();
  EXPECT_GT(f.grad().abs().sum().item<double>(), 0) << "it reaches the encodings";
  // Faces stand for people by their numbers: the same person twice cannot be told apart.
  const Faces mixed = {0, 2, 1, 3, 4, 5};
  EXPECT_GT(once->penalty(mixed, f).item<double>(), loss.item<double>() + 0.1);
}

TEST(PairTrained, LearnsAtTheFullRateAndLeavesTheNetworkItsOwn) {
  const auto network = with_pairs(1, PairForm::chi_squared);
  std::int64_t unit = 0;
  for (const auto& parameter : network->module().named_parameters()) {
    EXPECT_EQ(network->rate(parameter.key()), 1) << parameter.key();
    if (parameter.key().starts_with("pair_unit.")) unit += parameter.value().numel();
  }
  EXPECT_EQ(unit, 2 * 16 + 2);
  EXPECT_NE(network->description().find("pair loss 1, chi-squared"), std::string::npos)
      << network->description();
  EXPECT_EQ(network->dimensions(), 16);
}

TEST(PairTrained, ExportsTheEncoderAlone) {
  const LocalModel bare = compact()->exported();
  const LocalModel model = with_pairs(1)->exported();
  ASSERT_EQ(model.weights.size(), bare.weights.size());
  for (const auto& [name, tensor] : bare.weights)
    EXPECT_TRUE(at::equal(model.weights.at(name), tensor)) << name;
}

TEST(PairTrained, AStepMovesEveryLayerAndTheUnit) {
  const auto network = with_pairs(1);
  network->module().train();
  const at::Tensor pictures =
      at::arange(6 * 32 * 32 * 3, at::kLong).remainder(251).to(at::kByte).view({6, 32, 32, 3});
  const Faces faces = {0, 1, 2, 3, 4, 5};
  const at::Tensor raw = network->encode(pictures);
  network->penalty(faces, raw / raw.norm(2, 1, true)).backward();
  double encoder = 0;
  double unit = 0;
  for (const auto& parameter : network->module().named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    (parameter.key().starts_with("pair_unit.") ? unit : encoder) +=
        parameter.value().grad().abs().sum().item<double>();
  }
  EXPECT_GT(encoder, 0);
  EXPECT_GT(unit, 0);
}

}  // namespace
}  // namespace likeness
