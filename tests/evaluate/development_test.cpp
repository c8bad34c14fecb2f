#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/evaluate/development.h>

#include "support/error_code.h"

namespace likeness {
namespace {

ScoreSet scores(std::vector<float> genuine, std::vector<float> impostor) {
  ScoreSet result;
  result.genuine = std::move(genuine);
  result.impostor = std::move(impostor);
  return result;
}

/// Everybody under the name of their folder.
LabelledEncodings labelled(const EncodedPictures& encoded) {
  People people;
  for (const auto& [picture, found] : encoded) people[picture] = person_of(picture);
  return label_encodings(encoded, people);
}

TEST(AllPairDistances, ComparesEachPictureWithEachOtherOnce) {
  EncodedPictures encoded;
  encoded["Ann/Ann_0001.jpg"] = EncodedPicture{{}, {1, 0}};
  encoded["Ann/Ann_0002.jpg"] = EncodedPicture{{}, {0.6F, 0.8F}};
  encoded["Ann/Ann_0003.jpg"] = std::nullopt;
  encoded["Bo/Bo_0001.jpg"] = EncodedPicture{{}, {0, 1}};
  encoded["Cy/Cy_0001.jpg"] = EncodedPicture{{}, {-1, 0}};
  const ScoreSet distances = all_pair_distances(labelled(encoded));
  ASSERT_EQ(distances.genuine.size(), 1U);
  EXPECT_NEAR(distances.genuine[0], 0.8, 1e-6);
  // Ann 1 with Bo and Cy, Ann 2 with Bo and Cy, Bo with Cy.
  const std::vector<double> expected = {2, 4, 0.4, 3.2, 2};
  ASSERT_EQ(distances.impostor.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(distances.impostor[i], expected[i], 1e-6) << i;
}

TEST(AllPairDistances, AgreesWithOneByOneAcrossBlocks) {
  Random random(4);
  EncodedPictures encoded;
  for (int i = 0; i < 600; ++i) {
    Encoding f(8);
    double length = 0;
    for (float& value : f) {
      value = static_cast<float>(random.uniform() - 0.5);
      length += static_cast<double>(value) * value;
    }
    for (float& value : f) value /= static_cast<float>(std::sqrt(length));
    const std::string name = "P" + std::to_string(i / 2);
    encoded[name + "/" + std::to_string(i)] = EncodedPicture{{}, f};
  }
  const ScoreSet distances = all_pair_distances(labelled(encoded));
  EXPECT_EQ(distances.genuine.size(), 300U);
  EXPECT_EQ(distances.impostor.size(), 600U * 599 / 2 - 300);
  std::size_t next_genuine = 0;
  std::size_t next_impostor = 0;
  for (auto a = encoded.begin(); a != encoded.end(); ++a) {
    for (auto b = std::next(a); b != encoded.end(); ++b) {
      const float expected = squared_distance(a->second->encoding, b->second->encoding);
      const float distance = person_of(a->first) == person_of(b->first)
                                 ? distances.genuine[next_genuine++]
                                 : distances.impostor[next_impostor++];
      ASSERT_NEAR(distance, expected, 2e-6) << a->first << " " << b->first;
    }
  }
}

TEST(AllPairDistances, WithoutFacesThereAreNone) {
  EncodedPictures encoded;
  EXPECT_TRUE(all_pair_distances(labelled(encoded)).impostor.empty());
  encoded["Ann/1"] = std::nullopt;
  EXPECT_TRUE(all_pair_distances(labelled(encoded)).genuine.empty());
}

TEST(BestShare, WeighsIndependentDistancesByTheirEvidence) {
  // Gaussian classes 1 apart: the log odds weigh each distance with 1/variance, here 16 against 4.
  Random random(5);
  const auto draw = [&](double mean, double deviation) {
    std::vector<float> distances(20'000);
    for (float& d : distances) {
      double sum = 0;  // twelve uniform numbers have variance 1
      for (int k = 0; k < 12; ++k) sum += random.uniform();
      d = static_cast<float>(mean + deviation * (sum - 6));
    }
    return distances;
  };
  const ScoreSet sharp = scores(draw(1, 0.25), draw(2, 0.25));
  const ScoreSet blurred = scores(draw(1, 0.5), draw(2, 0.5));
  EXPECT_NEAR(best_share(sharp, blurred), 0.8, 0.03);
  EXPECT_NEAR(best_share(blurred, sharp), 0.2, 0.03);
}

TEST(BestShare, GivesAllToTheFirstWhenTheSecondRunsTheWrongWay) {
  const ScoreSet good = scores({0.5F, 0.9F, 1.4F}, {1.2F, 1.8F, 2});
  const ScoreSet wrong = scores({2, 1.9F, 1.7F}, {1, 1.1F, 0.9F});
  EXPECT_DOUBLE_EQ(best_share(good, wrong), 1);
  EXPECT_DOUBLE_EQ(best_share(wrong, good), 0);
  EXPECT_EQ(code_of([&] { best_share(wrong, wrong); }), ErrorCode::invalid_argument);
}

TEST(JoinedDistances, AreTheWeightedMean) {
  const ScoreSet joined = joined_distances(scores({1, 2}, {3}), scores({2, 2}, {1}), 0.75);
  EXPECT_FLOAT_EQ(joined.genuine[0], 1.25F);
  EXPECT_FLOAT_EQ(joined.genuine[1], 2);
  EXPECT_FLOAT_EQ(joined.impostor[0], 2.5F);
}

}  // namespace
}  // namespace likeness
