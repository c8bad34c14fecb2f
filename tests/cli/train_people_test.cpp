/// Whom likeness train siamese learns from, and what it refuses.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/small_training.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// What can be refused without a single photo.
class TrainRefuses : public ::testing::Test {
 protected:
  void expect_refused(const std::vector<std::string>& more, std::string_view part) const {
    std::vector<std::string> arguments = {"train", "siamese"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_json_error(arguments, "invalid_argument", part);
  }
  std::string data() const { return folder_.path().string(); }
  std::string out() const { return (folder_.path() / "run").string(); }
  /// The same with a data folder and a place for the run.
  void expect_option_refused(const std::vector<std::string>& more, std::string_view part) const {
    std::vector<std::string> arguments = {"--data", data(), "--out", out()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments, part);
    EXPECT_FALSE(fs::exists(out())) << "nothing is begun";
  }
  TemporaryFolder folder_;
};

TEST_F(TrainRefuses, ACommandWithoutDataOrAPlaceForTheRun) {
  expect_plain_error({"train"}, "likeness train --help");
  expect_refused({"--out", out()}, "--data");
  expect_refused({"--data", data()}, "--out");
}

TEST_F(TrainRefuses, NamesThatItDoesNotKnow) {
  expect_option_refused({"--mining", "hardest"}, "semi-hard");
  expect_option_refused({"--loss", "quadruplet"}, "triplet-soft");
  expect_option_refused({"--optimiser", "adam"}, "sgd or adamw");
  expect_option_refused({"--without", "rain"}, "cutout");
  expect_option_refused({"--weights", "int8"}, "fp16 or f32");
  expect_option_refused({"--train", "tail"}, "network or head");
  expect_option_refused({"--head-start", "random"}, "identity or wccn");
}

TEST_F(TrainRefuses, WhatItCannotStartFrom) {
  expect_option_refused({"--train", "head"}, "--init duo");
  expect_option_refused({"--train", "head", "--init", "nonsense"},
                        "--init nonsense: not a face encoder");
  expect_option_refused({"--train", "head", "--init", "mtcnn"}, "--init mtcnn: not a face encoder");
  expect_option_refused({"--init", "nonsense"}, "--init nonsense: not a face encoder");
  expect_option_refused({"--init", "duo"}, "--train head");
  expect_option_refused({"--freeze", "stem"}, "--freeze");
}

TEST_F(TrainRefuses, NumbersOutOfRange) {
  expect_option_refused({"--size", "16"}, "--size");
  expect_option_refused({"--dimensions", "4"}, "--dimensions");
  expect_option_refused({"--patience-far", "0.5"}, "--patience-far");
  expect_option_refused({"--steps", "5", "--epochs", "2"}, "--epochs");
  expect_option_refused({"--steps", "0"}, "--steps must be at least 1");
  expect_option_refused({"--margin", "5"}, "--margin 5");
  expect_option_refused({"--shrinkage", "2"}, "--shrinkage");
  expect_option_refused({"--distil", "-1"}, "--distil");
  expect_option_refused({"--turned", "2"}, "--turned");
  expect_option_refused({"--turn", "100"}, "--turn");
  expect_option_refused({"--train", "head", "--init", "duo", "--keep", "-1"}, "--keep");
}

TEST_F(TrainRefuses, AListOfNamesThatIsNotThere) {
  expect_json_error({"train", "siamese", "--data", data(), "--out", out(), "--exclude", out()},
                    "not_found", out());
}

class TrainPeople : public SmallTraining {};

TEST_F(TrainPeople, LeavesOutWhomItIsToldTo) {
  write_file(file("names.txt"), std::string_view("woman1\r\nwoman2\nnobody\n"));
  const Outcome outcome = train({"--steps", "1", "--exclude", file("names.txt"), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("identities").get<int>() + result.at("validation_identities").get<int>(), 10);
}

TEST_F(TrainPeople, LeavesOutAndNamesWhomABenchmarkHas) {
  // Woman 4 under her name, woman 5's photo under another.
  fs::create_directories(file("benchmark/Woman4"));
  fs::create_directories(file("benchmark/stranger"));
  Portrait portrait = kTwelveFaces[4];
  portrait_file(portrait, "benchmark/Woman4/9.jpg");
  portrait = kTwelveFaces[5];
  portrait.x += 6;
  portrait_file(portrait, "benchmark/stranger/1.jpg");
  write_file(file("pairs.txt"), std::string_view("1\t1\nwoman7\t1\t2\nwoman8\t1\tnobody\t1\n"));
  const Outcome outcome = train({"--steps", "1", "--json", "--benchmark", file("benchmark"),
                                 "--benchmark", file("pairs.txt")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = json_of(outcome.out);
  const Json& left_out = result.at("left_out");
  ASSERT_EQ(left_out.size(), 4U) << left_out;
  EXPECT_EQ(left_out[0].at("identity"), "woman4");
  EXPECT_EQ(left_out[0].at("reason"), "same name");
  EXPECT_EQ(left_out[1].at("identity"), "woman5");
  EXPECT_EQ(left_out[1].at("reason"), "similar picture");
  EXPECT_EQ(left_out[1].at("benchmark_name"), "stranger");
  EXPECT_LT(left_out[1].at("distance").get<double>(), 0.6);
  EXPECT_EQ(left_out[2].at("identity"), "woman7");
  EXPECT_EQ(left_out[3].at("identity"), "woman8");
  EXPECT_EQ(result.at("identities").get<int>() + result.at("validation_identities").get<int>(), 8);

  fs::remove_all(file("run"));
  const Outcome words = train({"--steps", "1", "--benchmark", file("pairs.txt")});
  EXPECT_TRUE(has(words.out, "left out    woman7: same name")) << words.out;
  fs::remove_all(file("run"));
  expect_json_error(command({"--steps", "1", "--benchmark", file("nowhere")}), "not_found",
                    "nowhere", surroundings());
  write_file(file("pairs.txt"), std::string_view("1\t1\n"));
  expect_json_error(command({"--steps", "1", "--benchmark", file("pairs.txt")}), "invalid_argument",
                    "no names", surroundings());
}

TEST_F(TrainPeople, SaysOnceWhoHasOnePictureAndWhichLieUnderTwoNames) {
  fs::create_directories(file("data/lone"));
  fs::rename(file("data/woman3/2.jpg"), file("data/lone/1.jpg"));
  fs::remove(file("data/woman3/1.jpg"));
  fs::copy(file("data/woman1/1.jpg"), file("data/woman2/copy.jpg"));
  const Outcome outcome = train({"--steps", "1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "woman1/1.jpg = woman2/copy.jpg")) << outcome.err;
  const auto first = outcome.err.find("negatives only");
  ASSERT_NE(first, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("negatives only", first + 1), std::string::npos) << "said once";
}

TEST_F(TrainPeople, FewerPeopleThanABatchNeedsAreRefused) {
  std::vector<std::string> arguments = command({"--steps", "1"});
  *(std::find(arguments.begin(), arguments.end(), "--p") + 1) = "30";
  expect_json_error(arguments, "invalid_argument", "30", surroundings());
}

TEST_F(TrainPeople, AFolderWithoutPeopleIsRefused) {
  fs::create_directories(file("empty"));
  expect_json_error(
      {"train", "siamese", "--data", file("empty"), "--out", file("run"), "--steps", "1"},
      "invalid_argument", "no pictures", surroundings());
}

}  // namespace
}  // namespace likeness
