#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/train/pair_training.h>
#include <likeness/train/pair_unit.h>

#include "support/error_code.h"
#include "train/pair_fit.h"

namespace likeness {
namespace {

double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

/// People with a direction of their own in 8 dimensions. In the first four their pictures scatter
/// little, in the last four they are all noise: a learned unit should look at the first four.
/// `all_alike`: they scatter in all eight alike.
LabelledEncodings crowd(int people, int pictures, std::uint64_t seed, bool all_alike = false) {
  Random random(seed);
  LabelledEncodings result;
  std::vector<float> values;
  for (int p = 0; p < people; ++p) {
    result.people.push_back(std::to_string(10'000 + p));
    std::vector<double> centre(8);
    for (double& x : centre) x = normal(random);
    for (int k = 0; k < pictures; ++k) {
      std::vector<double> f(8);
      double length = 0;
      for (int d = 0; d < 8; ++d) {
        const auto i = static_cast<std::size_t>(d);
        f[i] = d < 4 || all_alike ? centre[i] + 0.4 * normal(random) : normal(random);
        length += f[i] * f[i];
      }
      for (const double x : f) values.push_back(static_cast<float>(x / std::sqrt(length)));
      result.person.push_back(p);
      result.pictures.push_back(result.people.back() + "/" + std::to_string(k));
    }
  }
  result.rows = at::tensor(values).view({people * pictures, 8});
  return result;
}

PairTrainingOptions small(PairForm form) {
  PairTrainingOptions options;
  options.form = form;
  options.pairs = 2000;
  options.impostors = 4000;
  options.folds = 3;
  return options;
}

PairTraining train(const LabelledEncodings& encodings, const PairTrainingOptions& options) {
  Progress silent;
  return train_pair_classifier(encodings, options, silent, nullptr);
}

TEST(PairTraining, LearnsWhichDimensionsTellPeopleApart) {
  const LabelledEncodings encodings = crowd(80, 5, 1);
  for (const PairForm form : {PairForm::absolute, PairForm::chi_squared}) {
    const PairTraining training = train(encodings, small(form));
    EXPECT_LT(training.unit.log_loss, 0.8 * training.distance.log_loss);
    EXPECT_GT(training.unit.accuracy, training.distance.accuracy + 0.02);
    EXPECT_LT(training.unit.ece, 0.05);
    EXPECT_LT(training.strength, 10);
    // The weight of an input in all, the distance's share of it included: much in the first four.
    const PairClassifier& classifier = training.classifier;
    ASSERT_EQ(classifier.weights.size(), pair_input_count(form, 8));
    double informative = 0;
    double noise = 0;
    for (std::size_t k = 0; k < classifier.weights.size(); ++k)
      (k % 8 < 4 ? informative : noise) += classifier.weights[k];
    EXPECT_GT(informative, noise + 1);
  }
}

TEST(PairTraining, LeavesThePlainDistanceAloneWhereNothingIsToBeLearned) {
  PairTrainingOptions options = small(PairForm::absolute);
  options.strengths = {1e9, 1e-6};
  const PairTraining training = train(crowd(80, 4, 6, true), options);
  EXPECT_EQ(training.strength, 1e9);
  for (const float weight : training.classifier.weights) EXPECT_NEAR(weight, 0, 1e-4);
  EXPECT_GT(training.classifier.distance_weight, 1);
  EXPECT_NEAR(training.unit.accuracy, training.distance.accuracy, 0.02);
}

TEST(PairTraining, WithoutTheDistanceAStrongPenaltyLeadsToEqualWeights) {
  PairTrainingOptions options = small(PairForm::absolute);
  options.with_distance = false;
  options.strengths = {1e9};
  const PairClassifier classifier = train(crowd(40, 4, 2), options).classifier;
  EXPECT_EQ(classifier.distance_weight, 0);
  for (const float weight : classifier.weights) {
    EXPECT_GT(weight, 0);
    EXPECT_NEAR(weight / classifier.weights.front(), 1, 1e-3);
  }
}

TEST(PairTraining, GivesTheSameClassifierAgain) {
  const LabelledEncodings encodings = crowd(30, 4, 3);
  const PairTraining a = train(encodings, small(PairForm::absolute));
  const PairTraining b = train(encodings, small(PairForm::absolute));
  EXPECT_EQ(a.classifier.weights, b.classifier.weights);
  EXPECT_EQ(a.classifier.probability_of(0.5), b.classifier.probability_of(0.5));
  PairTrainingOptions other = small(PairForm::absolute);
  other.seed = 2;
  EXPECT_NE(train(encodings, other).classifier.weights, a.classifier.weights);
}

TEST(PairTraining, ItsProbabilityIsThatOfPeopleItNeverSaw) {
  PairTrainingOptions options = small(PairForm::absolute);
  const PairTraining training = train(crowd(120, 4, 4), options);
  const LabelledEncodings others = crowd(120, 4, 5);
  std::vector<JudgedPair> judged;
  for (std::int64_t i = 0; i < others.size(); ++i)
    for (std::int64_t j = i + 1; j < others.size(); ++j)
      judged.push_back({training.classifier.probability(others.row(i), others.row(j)),
                        others.person[static_cast<std::size_t>(i)] ==
                            others.person[static_cast<std::size_t>(j)]});
  const Reliability measured = measure_reliability(judged, Balance::classes);
  EXPECT_LT(measured.ece, 0.05);
  EXPECT_NEAR(measured.log_loss, training.unit.log_loss, 0.05);
  // The false-match rate that it knows of a decision is what strangers meet.
  double accepted = 0;
  double strangers = 0;
  for (const JudgedPair& pair : judged) {
    if (pair.same_person) continue;
    ++strangers;
    accepted += pair.probability >= 0.5 ? 1 : 0;
  }
  EXPECT_NEAR(training.classifier.fmr_at(0.5), accepted / strangers, 0.05);
}

TEST(PairTraining, RefusesTooFewPeopleAndUnusableOptions) {
  const auto refused = [](const LabelledEncodings& encodings, const PairTrainingOptions& options,
                          const std::string& part) {
    const auto call = [&] { train(encodings, options); };
    EXPECT_EQ(code_of(call), ErrorCode::invalid_argument) << part;
    EXPECT_NE(message_of(call).find(part), std::string::npos) << message_of(call);
  };
  const PairTrainingOptions good = small(PairForm::absolute);
  refused(crowd(5, 2, 1), good, "5 people");
  refused(crowd(50, 1, 1), good, "0 people");
  const LabelledEncodings encodings = crowd(20, 2, 1);
  PairTrainingOptions options = good;
  options.folds = 1;
  refused(encodings, options, "two");
  options = good;
  options.hard_share = 1.5;
  refused(encodings, options, "1.5");
  options = good;
  options.strengths = {};
  refused(encodings, options, "penalty");
  options.strengths = {-1};
  refused(encodings, options, "penalty");
  options = good;
  options.pairs = 3;
  refused(encodings, options, "even");
}

TEST(PairTraining, CanBeStopped) {
  Cancellation cancellation;
  cancellation.request();
  Progress silent;
  EXPECT_EQ(code_of([&] {
              train_pair_classifier(crowd(20, 2, 1), small(PairForm::absolute), silent,
                                    &cancellation);
            }),
            ErrorCode::cancelled);
}

TEST(PairFit, FindsTheMinimum) {
  const LabelledEncodings encodings = crowd(40, 4, 7);
  Random random(1);
  const std::vector<std::int64_t> labels(encodings.person.begin(), encodings.person.end());
  const PairData data =
      pair_data(encodings.rows, balanced_pairs(labels, 800, random), PairForm::absolute, true);
  const double strength = 0.01;
  const UnitParameters unit = PairFit(data).fit(strength);
  const at::Tensor deviation = data.inputs.std(0, false);
  const auto loss = [&](const UnitParameters& at) {
    const at::Tensor v = at.weights * deviation * std::sqrt(8.0);
    return (pair_loss(-dissimilarities(at, data), data.same_person) +
            strength / 2 * v.square().sum())
        .item<double>();
  };
  const double best = loss(unit);
  for (int k = 0; k < 10; ++k)
    for (const double step : {-1e-2, 1e-2}) {
      UnitParameters moved = unit;
      moved.weights = unit.weights.clone();
      if (k < 8) moved.weights[k] += step;
      if (k == 8) moved.base += step;
      if (k == 9) moved.offset += step;
      EXPECT_GT(loss(moved), best) << k;
    }
}

}  // namespace
}  // namespace likeness
