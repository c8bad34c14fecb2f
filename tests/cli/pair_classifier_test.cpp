/// likeness train pair-classifier, and what verify and evaluate do with its file.

#include <algorithm>

#include <gtest/gtest.h>
#include <likeness/core/files.h>

#include "support/encodings.h"
#include "support/face_photos.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Ten women with two pictures each, encoded once.
class PairClassifierCommand : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::remove_all(file("people/woman3"));  // Anna again
    fs::remove_all(file("people/woman6"));  // Carla again
  }

  std::string woman(int number, int picture) const {
    return file("people/woman" + std::to_string(number) + "/" + std::to_string(picture) + ".jpg");
  }
  std::string encodings() const { return file("kept.safetensors"); }
  std::string classifier() const { return file("pairs.safetensors"); }
  Arguments command(const Arguments& more = {}) const {
    return joined({"train", "pair-classifier", "--data", file("people"), "--model", "mobilefacenet",
                   "--encodings", encodings(), "--folds", "2", "--out", classifier()},
                  more);
  }
  Json train(const Arguments& more = {}) const {
    const Outcome outcome = run_likeness(command(joined(more, {"--json"})));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json_of(outcome.out);
  }
};

TEST_F(PairClassifierCommand, LearnsOnPeopleAndMeasuresOnOthers) {
  const Json result = train();
  EXPECT_EQ(result.at("output"), classifier());
  EXPECT_EQ(result.at("model"), "mobilefacenet");
  EXPECT_EQ(result.at("form"), "absolute");
  EXPECT_EQ(result.at("inputs"), 192);
  EXPECT_EQ(result.at("people"), 10);
  EXPECT_EQ(result.at("genuine_pairs"), 10);
  EXPECT_EQ(result.at("impostor_pairs"), 80) << "those within each half of the people";
  EXPECT_EQ(result.at("penalties").size(), 6U);
  for (const char* kind : {"distance", "classifier"}) {
    EXPECT_GE(result.at(kind).at("accuracy"), 0.9) << kind;
    EXPECT_LE(result.at(kind).at("ece"), 0.2) << kind;
  }
  EXPECT_EQ(train({"--form", "chi-squared"}).at("inputs"), 384);
  const Json bare = train({"--no-distance", "--penalty", "1,0.1", "--probability", "logistic"});
  EXPECT_EQ(bare.at("penalties").size(), 2U);
}

TEST_F(PairClassifierCommand, TellsWhatItDidAndHowItIsUsed) {
  const Outcome outcome = run_likeness(command());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"10 people, judged on 10 pairs of one person", "chosen",
                           "calibration error", "likeness verify A.jpg B.jpg --classifier"})
    EXPECT_TRUE(has(outcome.out, part)) << part << " is missing in\n" << outcome.out;
  EXPECT_TRUE(has(outcome.err, "Fitting pair classifiers")) << outcome.err;
}

TEST_F(PairClassifierCommand, DecidesForVerify) {
  train();
  const Json same = verify(woman(0, 1), woman(0, 2), {"--classifier", classifier()});
  EXPECT_EQ(same.at("same_person"), true);
  EXPECT_EQ(same.at("model"), "mobilefacenet") << "the classifier knows its encoder";
  EXPECT_EQ(same.at("classifier"), classifier());
  EXPECT_EQ(same.at("min_probability"), 0.5);
  EXPECT_GT(same.at("probability"), 0.5);
  EXPECT_FALSE(same.contains("threshold"));
  const Json other = verify(woman(0, 1), woman(1, 1), {"--classifier", classifier()});
  EXPECT_EQ(other.at("same_person"), false);
  EXPECT_LT(other.at("probability"), 0.5);
  const double p = other.at("probability");
  EXPECT_EQ(verify(woman(0, 1), woman(1, 1),
                   {"--classifier", classifier(), "--min-probability", std::to_string(p / 2)})
                .at("same_person"),
            true);
  const Outcome words = run_likeness({"verify", woman(0, 1), woman(0, 2), "--classifier",
                                      classifier(), "--explain", file("why.png")});
  EXPECT_EQ(words.exit_code, 0) << words.err;
  EXPECT_TRUE(has(words.out, "by the pair classifier")) << words.out;
  EXPECT_TRUE(fs::exists(file("why.png")));
}

TEST_F(PairClassifierCommand, IsMeasuredBesideTheDistance) {
  train();
  std::string list;
  for (const int i : {0, 1, 2, 4, 5, 7, 8, 9, 10, 11}) {
    const std::string name = "woman" + std::to_string(i);
    const std::string next = "woman" + std::to_string(i == 11            ? 0
                                                      : i == 2 || i == 5 ? i + 2
                                                                         : i + 1);
    list += name + "/1.jpg " + name + "/2.jpg 1\n" + name + "/1.jpg " + next + "/2.jpg 0\n";
  }
  write_file(file("list.txt"), list);
  const Arguments evaluate = {"evaluate",     "verification",   "--images",    file("people"),
                              "--pairs",      file("list.txt"), "--encodings", encodings(),
                              "--classifier", classifier()};
  const Outcome outcome = run_likeness(joined(evaluate, {"--json", "--report", file("report")}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json report = json_of(outcome.out);
  EXPECT_EQ(report.at("model"), "mobilefacenet");
  EXPECT_EQ(report.at("pairs"), 20);
  EXPECT_EQ(report.at("folds").size(), 10U);
  const Json& measured = report.at("classifier");
  EXPECT_EQ(measured.at("form"), "absolute");
  EXPECT_GE(measured.at("accuracy_mean"), 0.9);
  EXPECT_EQ(measured.at("folds").size(), 10U);
  EXPECT_TRUE(measured.at("probability").at("ece").is_number());
  EXPECT_TRUE(measured.at("folds")[0].at("ece").is_number());
  EXPECT_EQ(measured.at("error_rates")[0].at("at"), "FMR 1e-2");
  EXPECT_TRUE(has(text_of(file("report/index.html")), "pair classifier, absolute"));
  EXPECT_TRUE(text_of(file("report/reliability.svg")).starts_with("<svg"));
  const Outcome words = run_likeness(evaluate);
  for (const char* part :
       {"distance          pair classifier (absolute)", "calibration error", "with classifier"})
    EXPECT_TRUE(has(words.out, part)) << part << " is missing in\n" << words.out;
}

TEST_F(PairClassifierCommand, ThatFitsAnotherEncoderIsRefused) {
  train();
  const Arguments verify = {"verify", woman(0, 1), woman(0, 2), "--classifier", classifier()};
  expect_json_error(joined(verify, {"--model", "resnet"}), "invalid_argument", "mobilefacenet");
  expect_json_error(joined(verify, {"--fmr", "1e-3"}), "invalid_argument", "--fmr");
  expect_json_error(joined(verify, {"--threshold", "1"}), "invalid_argument", "--threshold");
  expect_json_error(joined(verify, {"--min-probability", "1.5"}), "invalid_argument", "1.5");
  expect_json_error({"verify", woman(0, 1), woman(0, 2), "--min-probability", "0.9"},
                    "invalid_argument", "--classifier FILE");
  const Bytes bytes = read_file(classifier(), 1 << 20);
  write_file(classifier(), Bytes(bytes.begin(), bytes.end() - 40));
  expect_json_error(verify, "corrupt_file", "pairs.safetensors");
  fs::remove(classifier());
  expect_json_error(verify, "not_found", "pairs.safetensors");
}

TEST_F(PairClassifierCommand, WhatCannotBeLearnedFromIsTold) {
  const auto refused = [&](const Arguments& more, const char* part) {
    expect_json_error(command(more), "invalid_argument", part);
  };
  refused({"--form", "cosine"}, "chi-squared");
  refused({"--probability", "certain"}, "isotonic");
  refused({"--penalty", "-1"}, "penalty");
  refused({"--hard", "2"}, "share of mined pairs");
  const auto with = [&](const std::string& option, const std::string& value) {
    Arguments arguments = command();
    *(std::find(arguments.begin(), arguments.end(), option) + 1) = value;
    return arguments;
  };
  expect_json_error(with("--folds", "6"), "invalid_argument",
                    "10 people with two pictures or more are too few for 6 folds");
  expect_json_error(with("--model", "mtcnn"), "invalid_argument", "mobilefacenet");
  write_file(file("names.txt"), std::string_view("woman0\nwoman1\nnobody\n"));
  const Outcome outcome = run_likeness(command({"--exclude", file("names.txt")}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "2 of 10 people are left out")) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "8 people")) << outcome.out;
  expect_json_error(with("--data", file("nowhere")), "not_found", "nowhere");
  expect_json_error(with("--out", file("no/such/folder.safetensors")), "write_failed",
                    "folder.safetensors");
}

TEST_F(PairClassifierCommand, PeopleCanBeNamedInACsv) {
  std::string csv = "path,identity\n";
  for (const int i : {0, 1, 2, 4, 5})
    for (const int k : {1, 2})
      csv += "woman" + std::to_string(i) + "/" + std::to_string(k) + ".jpg,w" + std::to_string(i) +
             "\n";
  write_file(file("people/list.csv"), csv);
  Arguments arguments = command({"--json"});
  arguments[3] = file("people/list.csv");
  const Outcome outcome = run_likeness(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json_of(outcome.out).at("people"), 5);
}

}  // namespace
}  // namespace likeness
