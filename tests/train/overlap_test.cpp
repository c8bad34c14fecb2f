#include <cmath>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/core/random.h>
#include <likeness/image/transform.h>
#include <likeness/train/overlap.h>

#include "support/error_code.h"
#include "support/real_data.h"
#include "support/recording_progress.h"

namespace likeness {
namespace {

using Names = std::vector<std::string>;

struct NamedFace {
  std::string name;
  double degrees;
};

/// Encodings on the unit circle; pictures are called NAME/1, NAME/2, …
EncodedFaces faces_on_circle(const std::vector<NamedFace>& list) {
  EncodedFaces faces;
  std::vector<double> angles;
  for (const NamedFace& face : list) {
    if (faces.identities.empty() || faces.identities.back() != face.name)
      faces.identities.push_back(face.name);
    faces.labels.push_back(static_cast<std::int64_t>(faces.identities.size()) - 1);
    faces.pictures.push_back(face.name + "/" + std::to_string(faces.pictures.size() + 1));
    angles.push_back(face.degrees * 3.14159265358979323846 / 180);
  }
  const at::Tensor radians = at::tensor(angles, at::kDouble);
  faces.encodings = at::stack({radians.cos(), radians.sin()}, 1).to(at::kFloat);
  return faces;
}

TEST(ComparableName, IgnoresCaseSeparatorsAndOrder) {
  for (const char* name : {"Ann_Lee", "ann lee", "Lee, Ann", " LEE--ANN "})
    EXPECT_EQ(comparable_name(name), "ann lee") << name;
  EXPECT_EQ(comparable_name("José_3"), "3 josé");
  EXPECT_EQ(comparable_name("__"), "");
  EXPECT_NE(comparable_name("Ann_Leeson"), comparable_name("Ann_Lee"));
}

TEST(Overlap, IsFoundByName) {
  const Names training = {"7201", "Ann Lee", "Bo"};
  const Names benchmark = {"Lee_Ann", "Bob", "_"};
  const auto found = find_overlap_by_name(training, benchmark);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].identity, "Ann Lee");
  EXPECT_EQ(found[0].benchmark_name, "Lee_Ann");
  EXPECT_EQ(found[0].reason, OverlapReason::same_name);
  EXPECT_EQ(identities_of(found), Names{"Ann Lee"});
  EXPECT_TRUE(find_overlap_by_name(Names{"--"}, benchmark).empty());
}

/// Squared distance of points on the circle that are so many degrees apart.
double apart(double degrees) {
  return 2 - 2 * std::cos(degrees * 3.14159265358979323846 / 180);
}

TEST(Overlap, IsFoundByPicturesOfOnePerson) {
  const EncodedFaces training = faces_on_circle({{"A", 0}, {"A", 90}, {"B", 180}, {"B", 200}});
  const EncodedFaces benchmark = faces_on_circle({{"X", 270}, {"Y", 95}, {"Y", 98}});
  const auto found = find_overlap(
      training, benchmark,
      {.names = true, .similar_picture = static_cast<float>(apart(10)), .similar_person = 0});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].identity, "A");
  EXPECT_EQ(found[0].reason, OverlapReason::similar_picture);
  EXPECT_EQ(found[0].benchmark_name, "Y");
  EXPECT_NEAR(found[0].distance, apart(5), 1e-5);
  EXPECT_EQ(found[0].picture, "A/2");
  EXPECT_EQ(found[0].benchmark_picture, "Y/2");
  EXPECT_EQ(to_string(found[0]),
            "A: similar picture as Y of the benchmark, distance 0.008 (A/2, Y/2)");
}

TEST(Overlap, IsFoundByMeanEncodings) {
  // No picture of A comes close to one of X, but their means do: 20° and 22°.
  const EncodedFaces training = faces_on_circle({{"A", -20}, {"A", 60}, {"B", 150}});
  const EncodedFaces benchmark = faces_on_circle({{"W", 100}, {"X", 2}, {"X", 42}});
  const auto found = find_overlap(training, benchmark,
                                  {.names = true,
                                   .similar_picture = static_cast<float>(apart(5)),
                                   .similar_person = static_cast<float>(apart(5))});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].identity, "A");
  EXPECT_EQ(found[0].reason, OverlapReason::similar_person);
  EXPECT_EQ(found[0].benchmark_name, "X");
  EXPECT_NEAR(found[0].distance, apart(2), 1e-5);
}

TEST(Overlap, NamesEachIdentityOnceWithItsStrongestReason) {
  const EncodedFaces both = faces_on_circle({{"A", 0}, {"B", 90}, {"C", 200}});
  const EncodedFaces benchmark = faces_on_circle({{"a", 300}, {"Y", 90}, {"Z", 205}});
  const auto found = find_overlap(both, benchmark,
                                  {.names = true,
                                   .similar_picture = static_cast<float>(apart(1)),
                                   .similar_person = static_cast<float>(apart(10))});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].reason, OverlapReason::same_name);
  EXPECT_EQ(found[1].reason, OverlapReason::similar_picture);
  EXPECT_EQ(found[2].reason, OverlapReason::similar_person);
  EXPECT_EQ(identities_of(found), (Names{"A", "B", "C"}));
}

TEST(Overlap, EachTestCanBeSwitchedOff) {
  const EncodedFaces faces = faces_on_circle({{"A", 0}, {"B", 90}});
  EXPECT_TRUE(
      find_overlap(faces, faces, {.names = false, .similar_picture = 0, .similar_person = 0})
          .empty());
  EXPECT_EQ(find_overlap(faces, faces, {}).size(), 2U);
  EXPECT_TRUE(find_overlap(faces,
                           EncodedFaces{.encodings = at::empty({0, 0}, at::kFloat),
                                        .labels = {},
                                        .identities = {},
                                        .pictures = {}},
                           {})
                  .empty());
}

TEST(Overlap, IsTheSameForMoreFacesThanABlockHolds) {
  std::vector<NamedFace> many;
  for (int i = 0; i < 700; ++i) many.push_back({"T" + std::to_string(1000 + i), i * 0.1});
  const EncodedFaces training = faces_on_circle(many);
  const EncodedFaces benchmark = faces_on_circle({{"X", 60.0}});
  const auto found = find_overlap(
      training, benchmark,
      {.names = false, .similar_picture = static_cast<float>(apart(0.06)), .similar_person = 0});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].identity, "T1600");
}

TEST(EncodedFacesOfPictures, LeavesThoseWithoutAFaceOut) {
  EncodedPictures pictures;
  pictures["Ann/Ann_0001.jpg"] = EncodedPicture{{}, {1, 0}};
  pictures["Ann/Ann_0002.jpg"] = std::nullopt;
  pictures["Bo/Bo_0001.jpg"] = EncodedPicture{{}, {0, 1}};
  pictures["Bo/Bo_0002.jpg"] = EncodedPicture{{}, {0.6F, 0.8F}};
  const EncodedFaces faces = encoded_faces(pictures);
  EXPECT_EQ(faces.identities, (Names{"Ann", "Bo"}));
  EXPECT_EQ(faces.labels, (std::vector<std::int64_t>{0, 1, 1}));
  EXPECT_EQ(faces.pictures[2], "Bo/Bo_0002.jpg");
  EXPECT_FLOAT_EQ(faces.encodings[2][1].item<float>(), 0.8F);
}

class EncodeFaces : public testing::Test {
 protected:
  /// Crops of noise: encodings need no face.
  static AlignedFaces noise(int size, int count) {
    AlignedFaces faces;
    faces.pixels = at::empty({count, size, size, 3}, at::TensorOptions(at::kByte));
    Random random(1);
    auto* pixel = faces.pixels.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < faces.pixels.numel(); ++i)
      pixel[i] = static_cast<std::uint8_t>(random() >> 56U);
    for (int i = 0; i < count; ++i) {
      faces.rows.push_back(count - 1 - i);
      faces.labels.push_back(i % 2);
      faces.pictures.push_back(std::to_string(i));
    }
    faces.identities = {"A", "B"};
    return faces;
  }

  ModelStore store_;
  RecordingProgress progress_;
};

TEST_F(EncodeFaces, EncodesTheMiddleOfEachCropAsTheEncoderItselfWould) {
  LIKENESS_SKIP_WHEN(missing_weights(store_, {"mobilefacenet"}));
  const FaceEncoder encoder(store_, "mobilefacenet", c10::kCPU);
  const AlignedFaces faces = noise(120, 37);
  const EncodedFaces encoded = encode_faces(faces, encoder, {.threads = 2}, progress_);
  ASSERT_EQ(encoded.encodings.sizes(), (at::IntArrayRef{37, 192}));
  EXPECT_EQ(encoded.labels, faces.labels);
  EXPECT_EQ(progress_.done, 37);
  for (const std::int64_t i : {0, 15, 16, 36}) {
    const AlignedFace crop{.crops = {likeness::crop(faces.crop(i), 4, 4, 112, 112)}};
    const Encoding expected = encoder.encode({&crop, 1}).front();
    for (std::size_t k = 0; k < expected.size(); ++k)
      ASSERT_NEAR(encoded.encodings[i][static_cast<std::int64_t>(k)].item<float>(), expected[k],
                  1e-4);
  }
}

TEST_F(EncodeFaces, RefusesAnEncoderOfSeveralNetworksAndCropsThatAreTooSmall) {
  LIKENESS_SKIP_WHEN(missing_weights(store_, {"mobilefacenet", "resnet"}));
  const FaceEncoder duo(store_, "duo", c10::kCPU);
  EXPECT_EQ(code_of([&] { encode_faces(noise(112, 2), duo, {}, progress_); }),
            ErrorCode::invalid_argument);
  const FaceEncoder resnet(store_, "resnet", c10::kCPU);
  const auto encode_small = [&] { encode_faces(noise(112, 2), resnet, {}, progress_); };
  EXPECT_EQ(code_of(encode_small), ErrorCode::invalid_argument);
  EXPECT_NE(message_of(encode_small).find("150"), std::string::npos);
}

}  // namespace
}  // namespace likeness
