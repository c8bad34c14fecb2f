#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/evaluate/verification.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// Two folds of four pairs; worked out by hand in the first tests.
std::vector<ScoredPair> example_pairs() {
  return {{true, 0, 1.0F}, {true, 0, 1.2F}, {false, 0, 3.0F}, {false, 0, 2.0F},
          {true, 1, 0.8F}, {true, 1, 2.6F}, {false, 1, 2.8F}, {false, 1, 1.5F}};
}

TEST(Verification, EachFoldIsDecidedWithTheBestThresholdOfTheOthers) {
  const VerificationMeasures measures = measure_verification(example_pairs());
  ASSERT_EQ(measures.folds.size(), 2U);
  // Fold 2 is as right in the gap after 0.8 as in the one after 2.6: the first of the two is taken.
  EXPECT_FLOAT_EQ(measures.folds[0].threshold, 1.15F);
  EXPECT_EQ(measures.folds[0].right, 3);
  EXPECT_FLOAT_EQ(measures.folds[1].threshold, 1.6F);
  EXPECT_EQ(measures.folds[1].right, 2);
}

TEST(Verification, AccuracyIsTheMeanAndSampleDeviationOfTheFolds) {
  const VerificationMeasures measures = measure_verification(example_pairs());
  EXPECT_DOUBLE_EQ(measures.accuracy_mean, 0.625);
  EXPECT_NEAR(measures.accuracy_std, 0.125 * std::sqrt(2.0), 1e-12);
  EXPECT_EQ(measures.pairs(), 8);
  EXPECT_EQ(measures.genuine, 4);
  EXPECT_EQ(measures.impostor, 4);
  EXPECT_EQ(measures.no_face, 0);
}

TEST(Verification, FailuresAreListedWorstFirst) {
  const VerificationMeasures measures = measure_verification(example_pairs());
  ASSERT_EQ(measures.failures.size(), 3U);
  EXPECT_EQ(measures.failures[0].pair, 5U);  // 2.6 against 1.6
  EXPECT_EQ(measures.failures[1].pair, 7U);  // 1.5 against 1.6
  EXPECT_EQ(measures.failures[2].pair, 1U);  // 1.2 against 1.15
  EXPECT_FLOAT_EQ(measures.failures[2].threshold, 1.15F);
}

TEST(Verification, RocAndItsFiguresAreOverAllFolds) {
  const VerificationMeasures measures = measure_verification(example_pairs());
  EXPECT_DOUBLE_EQ(measures.auc, 14.0 / 16);  // 2.6 loses against 1.5 and 2.0
  EXPECT_DOUBLE_EQ(measures.eer, 0.25);
  EXPECT_DOUBLE_EQ(measures.roc.at_far(0).tar, 0.75);
}

TEST(Verification, PairsWithoutAFaceAreWrongInBothClassesAndChooseNoThreshold) {
  std::vector<ScoredPair> pairs = example_pairs();
  pairs.push_back({true, 0, std::nullopt});
  pairs.push_back({false, 0, std::nullopt});
  const VerificationMeasures measures = measure_verification(pairs);
  EXPECT_EQ(measures.no_face, 2);
  EXPECT_EQ(measures.folds[0].pairs, 6);
  EXPECT_EQ(measures.folds[0].right, 3);
  EXPECT_FLOAT_EQ(measures.folds[1].threshold, 1.6F);
  EXPECT_DOUBLE_EQ(measures.accuracy_mean, 0.5);
  ASSERT_EQ(measures.failures.size(), 5U);
  EXPECT_EQ(measures.failures[0].pair, 8U);
  EXPECT_EQ(measures.failures[1].pair, 9U);
  EXPECT_DOUBLE_EQ(measures.roc.points.back().tar, 0.8);
  EXPECT_DOUBLE_EQ(measures.roc.points.back().far, 0.8);
}

TEST(Verification, FoldsCanBeAllRightOrAllWrong) {
  const VerificationMeasures right = measure_verification(std::vector<ScoredPair>{
      {true, 0, 0.5F}, {false, 0, 2.0F}, {true, 1, 0.6F}, {false, 1, 2.1F}});
  EXPECT_DOUBLE_EQ(right.accuracy_mean, 1);
  EXPECT_DOUBLE_EQ(right.accuracy_std, 0);
  EXPECT_TRUE(right.failures.empty());
  // Each fold's best threshold (0.35 and 2.35) fails on the other.
  const VerificationMeasures wrong = measure_verification(std::vector<ScoredPair>{
      {true, 0, 0.3F}, {false, 0, 0.4F}, {true, 1, 2.3F}, {false, 1, 2.4F}});
  EXPECT_DOUBLE_EQ(wrong.accuracy_mean, 0.5);
  const VerificationMeasures reversed = measure_verification(
      std::vector<ScoredPair>{{true, 0, 3}, {false, 0, 2}, {true, 1, 3}, {false, 1, 2}});
  EXPECT_DOUBLE_EQ(reversed.auc, 0);
  EXPECT_DOUBLE_EQ(reversed.eer, 1);
}

TEST(Verification, NeedsTwoFoldsWithPairsOfBothClasses) {
  const auto code = [](const std::vector<ScoredPair>& pairs) {
    return code_of([&] { measure_verification(pairs); });
  };
  EXPECT_EQ(code({}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{true, 0, 1.0F}, {false, 0, 2.0F}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{true, 0, 1.0F}, {true, 1, 2.0F}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{true, 0, 1.0F}, {false, 0, 2.0F}, {true, 2, 1.0F}, {false, 2, 2.0F}}),
            ErrorCode::invalid_argument);
}

TEST(Verification, AClassThatHasNoDistancesAtAllIsRefused) {
  const std::vector<ScoredPair> pairs = {
      {true, 0, std::nullopt}, {false, 0, 2.0F}, {true, 1, std::nullopt}, {false, 1, 2.0F}};
  EXPECT_EQ(code_of([&] { measure_verification(pairs); }), ErrorCode::invalid_argument);
}

TEST(PairedDifference, IsTakenFoldByFold) {
  const std::vector<FoldMeasure> a = {{10, 9, 0}, {10, 8, 0}, {10, 10, 0}};
  const std::vector<FoldMeasure> b = {{10, 8, 0}, {10, 8, 0}, {10, 8, 0}};
  const PairedDifference difference = paired_difference(a, b);
  EXPECT_NEAR(difference.mean, 0.1, 1e-12);
  EXPECT_NEAR(difference.standard_error, 0.1 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(paired_difference(b, a).mean, -0.1, 1e-12);
  EXPECT_EQ(paired_difference(a, a).standard_error, 0);
}

}  // namespace
}  // namespace likeness
