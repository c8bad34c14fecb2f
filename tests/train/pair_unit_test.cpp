#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <likeness/faces/encoder.h>
#include <likeness/train/pair_unit.h>
#include <likeness/train/siamese_network.h>

#include "support/numerical_gradient.h"

namespace likeness {
namespace {

at::Tensor normalised(const at::Tensor& x) {
  return x / x.norm(2, 1, true);
}

/// Rows of length 1, all features of them away from 0.
at::Tensor encodings(std::int64_t rows, std::int64_t columns, int seed) {
  at::Tensor x = at::empty({rows, columns}, at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<double>()[i] = std::sin(1.7 * static_cast<double>(i) + seed) + 0.05;
  return normalised(x);
}

PairUnit unit_of(PairForm form, std::int64_t dimensions) {
  PairUnit unit(form, dimensions);
  unit->to(at::kDouble);
  const at::NoGradGuard no_gradients;
  unit->weights.copy_(at::linspace(-0.5, 2, unit->weights.size(0), at::kDouble));
  unit->distance_weight.fill_(1.5);
  unit->offset.fill_(0.75);
  return unit;
}

TEST(PairUnit, SaysWhatThePairClassifierSays) {
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared}) {
    PairUnit unit = unit_of(form, 5);
    const at::Tensor first = encodings(4, 5, 1);
    const at::Tensor second = encodings(4, 5, 2);
    const at::Tensor logits = unit->forward(first, second);
    PairClassifier classifier;
    classifier.form = form;
    classifier.distance_weight = 1.5;
    classifier.offset = 0.75;
    for (std::int64_t k = 0; k < unit->weights.size(0); ++k)
      classifier.weights.push_back(static_cast<float>(unit->weights[k].item<double>()));
    for (std::int64_t i = 0; i < 4; ++i) {
      std::vector<float> a;
      std::vector<float> b;
      for (std::int64_t k = 0; k < 5; ++k) {
        a.push_back(static_cast<float>(first[i][k].item<double>()));
        b.push_back(static_cast<float>(second[i][k].item<double>()));
      }
      EXPECT_NEAR(classifier.dissimilarity(a, b), -logits[i].item<double>(), 1e-5);
    }
  }
}

TEST(PairUnit, GradientsAgreeWithNumericalOnes) {
  const at::Tensor same = at::tensor(std::vector<std::int64_t>{1, 0, 1, 0, 0}).to(at::kBool);
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared}) {
    PairUnit unit = unit_of(form, 4);
    const at::Tensor second = encodings(5, 4, 3);
    const auto loss = [&](const at::Tensor& first) {
      return pair_loss(unit->forward(first, second), same);
    };
    at::Tensor first = encodings(5, 4, 4).requires_grad_();
    loss(first).backward();
    const at::Tensor expected =
        numerical_gradient([&](const at::Tensor& x) { return loss(x).item<double>(); }, first);
    EXPECT_TRUE(at::allclose(first.grad(), expected, 1e-5, 1e-8)) << first.grad() << expected;

    const at::Tensor weights = unit->weights.detach().clone();
    const at::Tensor by_weights = numerical_gradient(
        [&](const at::Tensor& w) {
          const at::NoGradGuard no_gradients;
          unit->weights.copy_(w);
          return loss(first).item<double>();
        },
        weights);
    EXPECT_TRUE(at::allclose(unit->weights.grad(), by_weights, 1e-5, 1e-8));
  }
}

TEST(PairUnit, GradientsFlowThroughBothBranchesIntoTheSharedNetwork) {
  // "Network": one linear map W; the gradient of both branches together against a numerical one.
  const at::Tensor pictures = encodings(4, 3, 5);
  const at::Tensor same = at::tensor(std::vector<std::int64_t>{1, 0}).to(at::kBool);
  PairUnit unit = unit_of(PairForm::chi_squared, 3);
  const auto loss = [&](const at::Tensor& network) {
    const at::Tensor f = pictures.matmul(network);
    return pair_loss(unit->forward(f.slice(0, 0, 2), f.slice(0, 2, 4)), same);
  };
  at::Tensor network = encodings(3, 3, 6).requires_grad_();
  loss(network).backward();
  const at::Tensor expected =
      numerical_gradient([&](const at::Tensor& w) { return loss(w).item<double>(); }, network);
  EXPECT_TRUE(at::allclose(network.grad(), expected, 1e-5, 1e-8));
}

TEST(PairUnit, GradientsAreFiniteWhereFeaturesAreZeroOrEqual) {
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared}) {
    PairUnit unit = unit_of(form, 3);
    at::Tensor first = at::tensor(std::vector<double>{0, 0.5, -0.5}).view({1, 3}).requires_grad_();
    at::Tensor second = first.detach().clone().requires_grad_();
    unit->forward(first, second).sum().backward();
    EXPECT_TRUE(first.grad().isfinite().all().item<bool>()) << first.grad();
    EXPECT_TRUE(second.grad().isfinite().all().item<bool>()) << second.grad();
    EXPECT_NEAR(first.grad()[0][1].item<double>(), 0, 1e-12);
  }
}

TEST(PairUnit, WithoutTheDistanceItsWeightIsNotTrained) {
  PairUnit unit(PairForm::absolute, 3, false);
  EXPECT_FALSE(unit->distance_weight.requires_grad());
  EXPECT_TRUE(unit->weights.requires_grad());
}

/// Four people with three pictures each, of 32 × 32 pixels: a colour of their own and noise.
at::Tensor coloured_people() {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  const at::Tensor colours = at::randint(40, 215, {4, 1, 1, 1, 3}, generator, at::kFloat);
  const at::Tensor noise = at::randn({4, 3, 32, 32, 3}, generator, at::kFloat) * 30;
  return (colours + noise).clamp(0, 255).to(at::kByte).view({12, 32, 32, 3});
}

TEST(PairUnit, TrainsEveryLayerOfASiameseNetworkWithItself) {
  const at::Tensor pictures = coloured_people();
  const at::Tensor labels = at::arange(4, at::kLong).repeat_interleave(3);
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared}) {
    const auto network = compact_network({.size = 32, .dimensions = 16}, 1, c10::kCPU, false);
    PairUnit unit(form, network->dimensions());
    {
      const at::NoGradGuard no_gradients;  // with weights of 0 nothing reaches the encodings
      unit->distance_weight.fill_(4);
      unit->weights.fill_(0.1);
      unit->offset.fill_(2);
    }
    const auto loss_of_batch = [&] {
      const at::Tensor f = normalised(network->encode(pictures));
      const PairIndices pairs = hard_batch_pairs(f, labels);
      return pair_loss(
          unit->forward(f.index_select(0, pairs.first), f.index_select(0, pairs.second)),
          pairs.same_person);
    };
    network->module().train();
    std::vector<at::Tensor> parameters = network->module().parameters();
    const std::vector<at::Tensor> own = unit->parameters();
    parameters.insert(parameters.end(), own.begin(), own.end());
    std::vector<bool> reached(parameters.size(), false);
    const double before = loss_of_batch().item<double>();
    for (int step = 0; step < 20; ++step) {
      for (at::Tensor& parameter : parameters) parameter.mutable_grad().reset();
      loss_of_batch().backward();
      const at::NoGradGuard no_gradients;
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        at::Tensor& parameter = parameters[i];
        ASSERT_TRUE(parameter.grad().defined());
        ASSERT_TRUE(parameter.grad().isfinite().all().item<bool>());
        reached[i] = reached[i] || parameter.grad().abs().sum().item<double>() > 0;
        parameter.sub_(parameter.grad(), 0.05);
      }
    }
    EXPECT_EQ(std::count(reached.begin(), reached.end(), false), 0);
    EXPECT_LT(loss_of_batch().item<double>(), 0.8 * before);
  }
}

TEST(PairLoss, WeighsClassesAlike) {
  // One genuine pair with p = 0.5 and two impostors with p = 0.2.
  const double logit = std::log(0.25);
  const at::Tensor logits = at::tensor(std::vector<double>{0, logit, logit});
  const at::Tensor same = at::tensor(std::vector<std::int64_t>{1, 0, 0}).to(at::kBool);
  EXPECT_NEAR(pair_loss(logits, same).item<double>(), (std::log(2) - std::log(0.8)) / 2, 1e-12);
}

TEST(PairLoss, DoesNotOverflow) {
  const at::Tensor logits = at::tensor(std::vector<double>{-1e4, 1e4});
  const at::Tensor same = at::tensor(std::vector<std::int64_t>{1, 0}).to(at::kBool);
  EXPECT_NEAR(pair_loss(logits, same).item<double>(), 1e4, 1e-6);
}

TEST(HardBatchPairs, PutTheClosestStrangerBesideEveryGenuinePair) {
  // On a line: person 0 at 0 and 1, person 1 at 1.5 and 9, person 2 at −0.2.
  const at::Tensor f = at::tensor(std::vector<float>{0, 1, 1.5F, 9, -0.2F}).view({5, 1});
  const at::Tensor labels = at::tensor(std::vector<std::int64_t>{0, 0, 1, 1, 2});
  const PairIndices pairs = hard_batch_pairs(f, labels);
  const auto values = [](const at::Tensor& t) {
    return std::vector<std::int64_t>(t.data_ptr<std::int64_t>(),
                                     t.data_ptr<std::int64_t>() + t.numel());
  };
  EXPECT_EQ(values(pairs.first), (std::vector<std::int64_t>{0, 2, 0, 2}));
  EXPECT_EQ(values(pairs.second), (std::vector<std::int64_t>{1, 3, 4, 1}));
  EXPECT_EQ(values(pairs.same_person.to(at::kLong)), (std::vector<std::int64_t>{1, 1, 0, 0}));
}

}  // namespace
}  // namespace likeness
