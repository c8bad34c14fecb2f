/// likeness verify on real faces: the verdict, its numbers, and what chooses them.

#include <array>
#include <cmath>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/face_photos.h"

namespace likeness {
namespace {

class Verify : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    anna = portrait_file(kAnnaOnce, "anna.png");
    anna_again = portrait_file(kAnnaAgain, "anna again.png");
    berta = portrait_file(kBerta, "berta.png");
  }

  std::string anna, anna_again, berta;
};

/// The JSON of one of the two photos; the portraits are 200 × 250 with the face in the middle.
void expect_face_of_portrait(const Json& face, const std::string& path) {
  EXPECT_EQ(face.at("path"), path);
  EXPECT_EQ(face.at("width"), 200);
  EXPECT_EQ(face.at("height"), 250);
  EXPECT_EQ(face.at("count"), 1);
  EXPECT_EQ(face.at("chosen"), 0);
  EXPECT_GT(face.at("score"), 0.9);
  EXPECT_EQ(face_within(Json::array({face}), 70, 90, 60, 70), 0) << face;
  for (const char* name : {"left_eye", "right_eye", "nose", "left_mouth", "right_mouth"}) {
    const Json& point = face.at("landmarks").at(name);
    ASSERT_EQ(point.size(), 2U) << name;
    EXPECT_GT(point[0], 50) << name;
    EXPECT_LT(point[0], 150) << name;
  }
}

TEST_F(Verify, OnePersonInTwoPhotosEndsWithZero) {
  const Json verdict = verify(anna, anna_again);
  EXPECT_EQ(verdict.at("same_person"), true);
  EXPECT_EQ(verdict.at("model"), "duo");
  EXPECT_GT(verdict.at("distance"), 0.05);
  EXPECT_LE(verdict.at("distance"), verdict.at("threshold"));
  EXPECT_GT(verdict.at("probability"), 0.9);
  EXPECT_GT(verdict.at("fmr"), 0);
  EXPECT_LT(verdict.at("fmr"), 0.01);
  ASSERT_EQ(verdict.at("faces").size(), 2U);
  expect_face_of_portrait(verdict["faces"][0], anna);
  expect_face_of_portrait(verdict["faces"][1], anna_again);

  const Outcome text = run_likeness({"verify", anna, anna_again});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.err, "");
  EXPECT_TRUE(text.out.starts_with("same person\n")) << text.out;
  for (const char* part : {"distance", "probability", "false match", "model        duo"})
    EXPECT_TRUE(has(text.out, part)) << text.out;
}

TEST_F(Verify, TwoPeopleEndWithOne) {
  const Json verdict = verify(anna, berta);
  EXPECT_EQ(verdict.at("same_person"), false);
  EXPECT_GT(verdict.at("distance"), verdict.at("threshold"));
  EXPECT_LT(verdict.at("probability"), 0.1);
  const Outcome text = run_likeness({"verify", anna, berta, "--quiet"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_TRUE(text.out.starts_with("different people\n")) << text.out;
}

TEST_F(Verify, EveryModelTellsThemApart) {
  for (const char* model : {"mobilefacenet", "resnet"}) {
    const Json same = verify(anna, anna_again, {"--model", model});
    EXPECT_EQ(same.at("same_person"), true) << model;
    EXPECT_EQ(same.at("model"), model);
    EXPECT_EQ(verify(anna, berta, {"--model", model}).at("same_person"), false) << model;
  }
}

TEST_F(Verify, ThresholdAndFalseMatchRateChooseTheOperatingPoint) {
  const Json strictest = verify(anna, anna_again, {"--threshold", "0.01"});
  EXPECT_EQ(strictest.at("same_person"), false);
  EXPECT_NEAR(strictest.at("threshold"), 0.01, 1e-6);
  const Json loosest = verify(anna, berta, {"--threshold", "4"});
  EXPECT_EQ(loosest.at("same_person"), true);
  EXPECT_NEAR(loosest.at("fmr"), 1, 1e-6);
  const Json often = verify(anna, anna_again, {"--fmr", "1e-2"});
  const Json seldom = verify(anna, anna_again, {"--fmr", "1e-4"});
  EXPECT_NEAR(often.at("fmr"), 1e-2, 1e-5);
  EXPECT_NEAR(seldom.at("fmr"), 1e-4, 1e-7);
  EXPECT_LT(seldom.at("threshold"), often.at("threshold"));
  EXPECT_NEAR(often.at("distance"), strictest.at("distance"), 1e-6) << "the faces are the same";
}

TEST_F(Verify, AFalseMatchRateThatWasNotMeasuredSaysWhatItWouldTake) {
  expect_json_error({"verify", anna, berta, "--fmr", "1e-9"}, "invalid_argument",
                    "10000000000 pairs");
}

TEST_F(Verify, GivesTheSameDistanceTwiceOnOneOrTwoThreadsAndInBothOrders) {
  const double distance = verify(anna, anna_again).at("distance");
  EXPECT_EQ(verify(anna, anna_again).at("distance").get<double>(), distance);
  for (const char* threads : {"1", "2"})
    EXPECT_NEAR(verify(anna, anna_again, {"--threads", threads}).at("distance"), distance, 1e-4);
  const Json swapped = verify(anna_again, anna);
  EXPECT_NEAR(swapped.at("distance"), distance, 1e-4);
  EXPECT_EQ(swapped.at("faces")[0].at("path"), anna_again);
}

TEST_F(Verify, APictureAndItselfAreNoDistanceApart) {
  const Json verdict = verify(anna, anna);
  EXPECT_NEAR(verdict.at("distance"), 0, 1e-6);
  EXPECT_GT(verdict.at("probability"), 0.99);
}

TEST_F(Verify, CheaperComputationMovesTheDistanceALittle) {
  const double distance = verify(anna, anna_again).at("distance");
  const double without_flip = verify(anna, anna_again, {"--no-flip"}).at("distance");
  EXPECT_NE(without_flip, distance);
  EXPECT_NEAR(without_flip, distance, 0.1);
  const double in_bfloat16 = verify(anna, anna_again, {"--bf16"}).at("distance");
  EXPECT_NE(in_bfloat16, distance);
  EXPECT_NEAR(in_bfloat16, distance, 0.02);
}

TEST_F(Verify, APhotoCanComeFromStandardInput) {
  const Bytes photo = read_file(anna, 1 << 20);
  const Surroundings piped = {.standard_input = {photo.begin(), photo.end()}};
  const Json first = verify("-", berta, {}, piped);
  const Json second = verify(berta, "-", {}, piped);
  EXPECT_EQ(first.at("faces")[0].at("path"), "-");
  EXPECT_EQ(second.at("faces")[1].at("path"), "-");
  const double distance = verify(anna, berta).at("distance");
  EXPECT_NEAR(first.at("distance"), distance, 1e-6);
  EXPECT_NEAR(second.at("distance"), distance, 1e-4);
}

TEST_F(Verify, AFullDiskOrAReaderThatLeftIsNoVerdict) {
  const Outcome full = run_likeness({"verify", anna, anna_again}, {.standard_output = "/dev/full"});
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_TRUE(has(full.err, "standard output: No space left on device")) << full.err;
  const Outcome left = run_likeness({"verify", anna, anna_again, "--json"}, {.nobody_reads = true});
  EXPECT_EQ(left.exit_code, 141);
  EXPECT_EQ(left.err, "");
}

}  // namespace
}  // namespace likeness
