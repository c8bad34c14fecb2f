#include <cmath>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/evaluate/development.h>
#include <likeness/evaluate/threshold_intervals.h>

#include "support/error_code.h"

namespace likeness {
namespace {

/// `people` people with `pictures` pictures each on the unit sphere in 16 dimensions; pictures of
/// one person scatter by `noise` round a direction of their own.
LabelledEncodings crowd(int people, int pictures, double noise, std::uint64_t seed) {
  Random random(seed);
  const auto normal = [&] {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    return sum;
  };
  LabelledEncodings result;
  result.rows = at::empty({people * pictures, 16}, at::kFloat);
  for (int p = 0; p < people; ++p) {
    std::vector<double> centre(16);
    for (double& x : centre) x = normal();
    result.people.push_back("P" + std::to_string(1000 + p));
    for (int k = 0; k < pictures; ++k) {
      float* row = result.rows.data_ptr<float>() + 16 * result.size();
      double length = 0;
      for (int d = 0; d < 16; ++d) {
        row[d] = static_cast<float>(centre[static_cast<std::size_t>(d)] + noise * normal());
        length += static_cast<double>(row[d]) * row[d];
      }
      for (int d = 0; d < 16; ++d) row[d] /= static_cast<float>(std::sqrt(length));
      result.person.push_back(p);
      result.pictures.push_back(result.people.back() + "/" + std::to_string(k));
    }
  }
  return result;
}

std::vector<MeasuredThreshold> measure(const LabelledEncodings& encodings, std::vector<double> fmrs,
                                       const BootstrapOptions& options = {.replicates = 400}) {
  ScoreSet distances = all_pair_distances(encodings);
  const Calibration calibration =
      fit_calibration("m", distances.genuine, std::move(distances.impostor));
  Random random(7);
  Progress silent;
  return measure_thresholds(encodings, calibration, std::move(fmrs), options, random, silent);
}

TEST(ThresholdIntervals, HoldTheMeasuredValuesStrictestRateLast) {
  const LabelledEncodings encodings = crowd(60, 4, 0.6, 1);
  const auto measured = measure(encodings, {1e-2, 1e-1, 1e-2});
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_DOUBLE_EQ(measured[0].fmr, 1e-1);
  EXPECT_DOUBLE_EQ(measured[1].fmr, 1e-2);
  EXPECT_LT(measured[1].threshold, measured[0].threshold);
  for (const MeasuredThreshold& one : measured) {
    EXPECT_LT(one.threshold_low, one.threshold);
    EXPECT_GT(one.threshold_high, one.threshold);
    EXPECT_LE(one.fnmr_low, one.fnmr);
    EXPECT_GE(one.fnmr_high, one.fnmr);
  }
  const ScoreSet distances = all_pair_distances(encodings);
  double rejected = 0;
  for (const float d : distances.genuine) rejected += d > measured[1].threshold ? 1 : 0;
  EXPECT_DOUBLE_EQ(measured[1].fnmr, rejected / static_cast<double>(distances.genuine.size()));
}

TEST(ThresholdIntervals, ShrinkWithThePeopleNotWithThePictures) {
  const auto width = [](const MeasuredThreshold& one) {
    return one.threshold_high - one.threshold_low;
  };
  const float few = width(measure(crowd(40, 4, 0.3, 2), {0.05}).front());
  const float copies = width(measure(crowd(40, 12, 0.3, 2), {0.05}).front());
  const float many = width(measure(crowd(360, 4, 0.3, 2), {0.05}).front());
  EXPECT_GT(copies, 0.6F * few);  // nine times the pairs, but the same people
  EXPECT_LT(many, 0.5F * few);    // √9 = 3 times narrower
}

TEST(ThresholdIntervals, CoverTheTruthAsOftenAsTheyPromise) {
  const float truth = measure(crowd(800, 2, 0.5, 3), {0.05}, {.replicates = 20}).front().threshold;
  int covered = 0;
  constexpr int kTrials = 30;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto one = measure(crowd(60, 2, 0.5, 100 + static_cast<std::uint64_t>(trial)), {0.05},
                             {.replicates = 100, .confidence = 0.9})
                         .front();
    covered += one.threshold_low <= truth && truth <= one.threshold_high ? 1 : 0;
  }
  EXPECT_GE(covered, 22);  // 27 are expected
}

TEST(ThresholdIntervals, TheSameSeedGivesTheSameIntervals) {
  const LabelledEncodings encodings = crowd(30, 3, 0.5, 4);
  const auto a = measure(encodings, {0.05});
  const auto b = measure(encodings, {0.05});
  EXPECT_EQ(a.front().threshold_low, b.front().threshold_low);
  EXPECT_EQ(a.front().fnmr_high, b.front().fnmr_high);
}

TEST(ThresholdIntervals, ARateThatThePairsCannotSupportIsRefused) {
  const LabelledEncodings encodings = crowd(20, 2, 0.3, 5);  // 760 impostor pairs
  const auto call = [&] { measure(encodings, {5e-2, 1e-4}); };
  EXPECT_EQ(code_of(call), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(call).find("100000 pairs"), std::string::npos) << message_of(call);
  EXPECT_EQ(code_of([&] { measure(encodings, {0.5}, {.replicates = 19}); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { measure(encodings, {0.5}, {.confidence = 1}); }),
            ErrorCode::invalid_argument);
  EXPECT_TRUE(measure(encodings, {}).empty());
}

TEST(LabelledEncodings, NumbersPeopleAndCountsTheirPairs) {
  EncodedPictures encoded;
  encoded["1.jpg"] = EncodedPicture{{}, {1, 0}};
  encoded["2.jpg"] = EncodedPicture{{}, {0, 1}};
  encoded["3.jpg"] = std::nullopt;
  encoded["4.jpg"] = EncodedPicture{{}, {0.6F, 0.8F}};
  const LabelledEncodings labelled = label_encodings(
      encoded, {{"1.jpg", "Cy"}, {"2.jpg", "Ann"}, {"3.jpg", "Bo"}, {"4.jpg", "Cy"}});
  EXPECT_EQ(labelled.people, (std::vector<std::string>{"Ann", "Cy"}));
  EXPECT_EQ(labelled.person, (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(labelled.row(2)[1], 0.8F);
  EXPECT_EQ(labelled.genuine_pairs(), 1);
  EXPECT_EQ(labelled.impostor_pairs(), 2);
  EXPECT_EQ(labelled.rows_by_person()[1], (std::vector<std::int64_t>{0, 2}));
}

}  // namespace
}  // namespace likeness
