#include <cmath>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/faces/verifier.h>
#include <likeness/model/safetensors.h>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

using Floats = std::vector<float>;

/// Logit = 3 − 2·‖Δ‖² − Δ_1 − 2·Δ_2, probability = 1 / (1 + exp(x)) of x = −logit.
PairClassifier example_classifier() {
  PairClassifier classifier;
  classifier.model = "duo";
  classifier.fingerprint = "0123abcd";
  classifier.weights = {1, 2};
  classifier.distance_weight = 2;
  classifier.offset = 3;
  classifier.points = {{0.001, -1.0F}, {0.01, 0.0F}, {1, 4.0F}};
  classifier.command = "likeness train pair-classifier";
  classifier.data = "nobody";
  classifier.quality = "none";
  return classifier;
}

Floats inputs(PairForm form, const Floats& a, const Floats& b) {
  Floats result(pair_input_count(form, a.size()));
  pair_inputs(form, a, b, result);
  return result;
}

TEST(PairInputs, AreTheAbsoluteDifferences) {
  EXPECT_EQ(inputs(PairForm::absolute, {0.5F, -1, 0}, {-0.25F, -0.5F, 0}),
            (Floats{0.75F, 0.5F, 0}));
}

TEST(PairInputs, OfTheChiSquaredFormLookAtPositiveAndNegativePartsApart) {
  // Same sign: (3 − 1)² / (3 + 1) = 1. Other sign: 2 in the positive part, 1 in the negative. Both
  // negative: (0.5 − 1.5)² / 2. Zero against zero: nothing.
  EXPECT_EQ(inputs(PairForm::chi_squared, {3, 2, -0.5F, 0}, {1, -1, -1.5F, 0}),
            (Floats{1, 2, 0, 0, 0, 1, 0.5F, 0}));
}

TEST(PairInputs, DoNotDependOnWhichPhotoComesFirst) {
  const Floats a = {0.3F, -0.4F, 0.7F};
  const Floats b = {-0.1F, -0.6F, 0.2F};
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared})
    EXPECT_EQ(inputs(form, a, b), inputs(form, b, a));
}

TEST(PairClassifier, AddsWeightedDifferencesToTheDistance) {
  const PairClassifier classifier = example_classifier();
  // Δ = (0.5, −1): ‖Δ‖² = 1.25, logit = 3 − 2.5 − 0.5 − 2.
  const double x = classifier.dissimilarity(Floats{1, 0}, Floats{0.5F, 1});
  EXPECT_NEAR(x, 2, 1e-6);
  EXPECT_NEAR(classifier.probability(Floats{1, 0}, Floats{0.5F, 1}), 1 / (1 + std::exp(2)), 1e-9);
  EXPECT_NEAR(classifier.probability(Floats{1, 0}, Floats{1, 0}), 1 / (1 + std::exp(-3)), 1e-9);
}

TEST(PairClassifier, WithoutTheDistanceOnlyTheWeightsCount) {
  PairClassifier classifier = example_classifier();
  classifier.distance_weight = 0;
  EXPECT_NEAR(classifier.dissimilarity(Floats{1, 0}, Floats{0.5F, 1}), -0.5, 1e-6);
}

TEST(PairClassifier, AnIsotonicCurveTakesThePlaceOfTheLogisticOne) {
  PairClassifier classifier = example_classifier();
  classifier.curve.knots = {{-1, 0.9}, {1, 0.1}};
  EXPECT_NEAR(classifier.probability_of(0), 0.5, 1e-12);
  EXPECT_NEAR(classifier.probability_of(-9), 0.9, 1e-12);
}

TEST(PairClassifier, KnowsTheFalseMatchRateOfAProbability) {
  PairClassifier classifier = example_classifier();
  EXPECT_NEAR(classifier.fmr_at(0.5), 0.01, 1e-6);                     // x = 0
  EXPECT_NEAR(classifier.fmr_at(1 / (1 + std::exp(4.0))), 1, 1e-6);    // x = 4
  EXPECT_NEAR(classifier.fmr_at(1 / (1 + std::exp(-5))), 1e-3, 1e-9);  // finer than measured
  classifier.curve.knots = {{-1, 0.9}, {1, 0.1}};
  EXPECT_NEAR(classifier.fmr_at(0.5), 0.01, 1e-6);
  EXPECT_NEAR(classifier.fmr_at(0.95), 1e-3, 1e-9);  // no pair ever gets that
  EXPECT_NEAR(classifier.fmr_at(0.05), 1, 1e-9);     // every pair gets that
}

TEST(PairClassifier, RefusesEncodingsOfAnotherEncoder) {
  EXPECT_NO_THROW(example_classifier().require_encoder("duo", "0123abcd", "file"));
  const auto other = [] {
    example_classifier().require_encoder("resnet", "0123abcd", "my.safetensors");
  };
  EXPECT_EQ(code_of(other), ErrorCode::invalid_argument);
  for (const char* part : {"my.safetensors", "'duo'", "'resnet'"})
    EXPECT_NE(message_of(other).find(part), std::string::npos) << message_of(other);
  const auto retrained = [] { example_classifier().require_encoder("duo", "ffffffff", "file"); };
  EXPECT_EQ(code_of(retrained), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(retrained).find("0123abcd"), std::string::npos) << message_of(retrained);
}

TEST(PairVerifier, SaysOnePersonFromTheWantedProbabilityOn) {
  const Floats a = {1, 0};
  const Floats b = {0.5F, 1};  // probability 0.119
  const Verification half = PairVerifier(example_classifier()).compare(a, b);
  EXPECT_FALSE(half.same_person);
  EXPECT_NEAR(half.probability.value(), 1 / (1 + std::exp(2)), 1e-9);
  EXPECT_FLOAT_EQ(half.distance, 1.25F);
  EXPECT_DOUBLE_EQ(*half.min_probability, 0.5);
  EXPECT_NEAR(half.fmr.value(), 0.01, 1e-6);
  EXPECT_TRUE(PairVerifier(example_classifier(), 0.1).compare(a, b).same_person);
  EXPECT_TRUE(PairVerifier(example_classifier()).compare(a, a).same_person);
  for (const double p : {0.0, 1.0, -1.0, std::nan("")})
    EXPECT_EQ(code_of([&] { PairVerifier(example_classifier(), p); }), ErrorCode::invalid_argument)
        << p;
}

TEST(PairForm, IsKnownByName) {
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared})
    EXPECT_EQ(parse_pair_form(to_string(form)), form);
  EXPECT_EQ(code_of([] { parse_pair_form("squared"); }), ErrorCode::invalid_argument);
}

class PairClassifierFile : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "pairs.safetensors"; }
  TemporaryFolder folder_;
};

TEST_F(PairClassifierFile, GivesBackTheSameClassifier) {
  for (const bool isotonic : {false, true}) {
    PairClassifier written = example_classifier();
    written.form = isotonic ? PairForm::chi_squared : PairForm::absolute;
    if (isotonic) written.curve.knots = {{-2.5, 0.99}, {1.5, 0.25}, {2, 0.25}};
    written.slope = 1.25;
    written.shift = -0.5;
    write_pair_classifier(path(), written);
    const PairClassifier read = read_pair_classifier(path());
    EXPECT_EQ(read.model, written.model);
    EXPECT_EQ(read.fingerprint, written.fingerprint);
    EXPECT_EQ(read.form, written.form);
    EXPECT_EQ(read.weights, written.weights);
    EXPECT_EQ(read.distance_weight, written.distance_weight);
    EXPECT_EQ(read.offset, written.offset);
    EXPECT_EQ(read.slope, written.slope);
    EXPECT_EQ(read.shift, written.shift);
    EXPECT_EQ(read.curve.knots.size(), written.curve.knots.size());
    EXPECT_EQ(read.probability_of(0.7), written.probability_of(0.7));
    ASSERT_EQ(read.points.size(), 3U);
    EXPECT_EQ(read.points[1].fmr, 0.01);
    EXPECT_EQ(read.command, written.command);
    EXPECT_EQ(read.data, written.data);
    EXPECT_EQ(read.quality, written.quality);
    EXPECT_EQ(read.dimensions(), isotonic ? 1U : 2U);
  }
}

TEST_F(PairClassifierFile, WhatIsWrongIsRefused) {
  PairClassifier good = example_classifier();
  good.curve.knots = {{-1, 0.9}, {1, 0.1}};
  write_pair_classifier(path(), good);
  const TensorFile file = read_safetensors(path());
  const auto refused = [&](const std::string& part, const auto& breaks) {
    TensorFile bad = file;
    for (auto& [name, tensor] : bad.tensors) tensor = tensor.clone();
    breaks(bad);
    write_safetensors(path(), bad);
    const auto read = [&] { read_pair_classifier(path()); };
    EXPECT_EQ(code_of(read), ErrorCode::corrupt_file) << part;
    EXPECT_NE(message_of(read).find(part), std::string::npos) << message_of(read);
  };
  using File = TensorFile;
  refused("no pair classifier", [](File& f) { f.metadata["kind"] = "weights"; });
  refused("no model", [](File& f) { f.metadata.erase("model"); });
  refused("form", [](File& f) { f.metadata["form"] = "cubic"; });
  refused("weights", [](File& f) { f.tensors.erase("weights"); });
  refused("weights", [](File& f) { f.tensors["weights"] = f.tensors["weights"].to(at::kDouble); });
  refused("weights", [](File& f) { f.tensors["weights"].fill_(std::nanf("")); });
  refused("weights", [](File& f) { f.tensors["weights"] = at::empty({0}); });
  refused("two weights for each", [](File& f) {
    f.metadata["form"] = "chi-squared";
    f.tensors["weights"] = at::zeros({3});
  });
  refused("unit", [](File& f) { f.tensors["unit"] = at::zeros({3}, at::kDouble); });
  refused("does not fall", [](File& f) { f.tensors["probability"].mul_(-1); });
  refused("curve", [](File& f) { f.tensors["curve"] = f.tensors["curve"].flip(1).contiguous(); });
  refused("outside", [](File& f) { f.tensors["curve"].mul_(2); });
  refused("points", [](File& f) { f.tensors.erase("points"); });
  refused("rise", [](File& f) { f.tensors["points"] = f.tensors["points"].flip(0).contiguous(); });
  write_file(path(), "nonsense");
  EXPECT_EQ(code_of([&] { read_pair_classifier(path()); }), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of([&] { read_pair_classifier(folder_.path() / "none"); }), ErrorCode::not_found);
}

}  // namespace
}  // namespace likeness
