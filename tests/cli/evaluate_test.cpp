/// likeness evaluate verification, on a few pictures in the layout of Labeled Faces in the Wild.

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/encodings.h"
#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Anna and Carla with two pictures each, Berta and Dora with one.
class Evaluate : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    add(kAnnaOnce, "Anna", 1);
    add(kAnnaAgain, "Anna", 2);
    add(kCarlaOnce, "Carla", 1);
    add(kCarlaAgain, "Carla", 2);
    add(kBerta, "Berta", 1);
    add(kDora, "Dora", 1);
    write_file(file("pairs.txt"), std::string_view("2\t2\n"
                                                   "Anna\t1\t2\nCarla\t1\t2\n"
                                                   "Anna\t1\tBerta\t1\nCarla\t2\tDora\t1\n"
                                                   "Anna\t2\t1\nCarla\t2\t1\n"
                                                   "Anna\t2\tDora\t1\nCarla\t1\tBerta\t1\n"));
  }

  std::string picture(const std::string& person, int number) const {
    return file("lfw/" + person + "/" + person + "_000" + std::to_string(number) + ".jpg");
  }
  void add(const Portrait& portrait, const std::string& person, int number) const {
    fs::create_directories(file("lfw/" + person));
    portrait_file(portrait,
                  "lfw/" + person + "/" + person + "_000" + std::to_string(number) + ".jpg");
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"evaluate",  "verification", "--images",
                                          file("lfw"), "--pairs",      file("pairs.txt")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Evaluate, GivesTheFiguresOfTheProtocol) {
  const Outcome outcome = run_likeness(command({"--json"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const Json report = json_of(outcome.out);
  EXPECT_EQ(report.at("model"), "duo");
  EXPECT_EQ(report.at("pairs"), 8);
  EXPECT_EQ(report.at("no_face"), 0);
  EXPECT_EQ(report.at("accuracy_mean"), 1.0);
  EXPECT_EQ(report.at("accuracy_std"), 0.0);
  EXPECT_EQ(report.at("tar"), (Json{{"1e-2", 1.0}, {"1e-3", 1.0}}));
  EXPECT_EQ(report.at("eer"), 0.0);
  EXPECT_EQ(report.at("auc"), 1.0);
  EXPECT_EQ(report.at("failures"), Json::array());
  ASSERT_EQ(report.at("folds").size(), 2U);
  EXPECT_EQ(report.at("folds")[0].at("pairs"), 4);

  const Outcome text = run_likeness(command({"--model", "mobilefacenet"}));
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_TRUE(text.out.starts_with("mobilefacenet on 8 pairs of 6 pictures, 2 folds\n"))
      << text.out;
  for (const char* part : {"accuracy            100.00 % ± 0.00", "TAR at FAR 1e-3     100.00 %",
                           "equal error rate    0.00 %", "folds               100.00  100.00",
                           "calibration error   0.0", "no face             0 pairs, 0 pictures"})
    EXPECT_TRUE(has(text.out, part)) << part << " is missing in\n" << text.out;
  EXPECT_TRUE(has(text.err, "6/6")) << "progress: " << text.err;
}

TEST_F(Evaluate, TheReportShowsWhatWentWrongWithItsPictures) {
  write_image(picture("Dora", 1), pattern(200, 250));  // nobody in it
  // A wrong label: now Anna 1 and Anna 2 are as far apart as Anna 1 and Berta 1.
  write_image(picture("Anna", 2), read_image(picture("Berta", 1)));
  const std::string report = file("report/of today");
  const Outcome outcome = run_likeness(command({"--json", "--report", report}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json figures = json_of(outcome.out);
  EXPECT_EQ(json_of(text_of(report + "/report.json")), figures);
  EXPECT_EQ(figures.at("no_face"), 2);
  EXPECT_EQ(figures.at("pictures_without_face"), (Json{"Dora/Dora_0001.jpg"}));
  EXPECT_LE(figures.at("accuracy_mean"), 0.625);
  const Json& failures = figures.at("failures");
  ASSERT_GE(failures.size(), 3U);
  EXPECT_EQ(failures[0].at("second"), "Dora/Dora_0001.jpg") << "the worst first";
  EXPECT_EQ(failures[0].at("distance"), nullptr);
  EXPECT_EQ(failures[0].at("same_person"), false);

  const std::string page = text_of(report + "/index.html");
  for (const char* part :
       {"<!DOCTYPE html>", "<svg", "Anna/Anna_0001.jpg", "Dora/Dora_0001.jpg", "src=\"data:image/"})
    EXPECT_TRUE(has(page, part)) << part << " is missing in a page of " << page.size() << " bytes";
  EXPECT_FALSE(has(page, "src=\"http")) << "nothing is loaded from elsewhere";
  EXPECT_TRUE(text_of(report + "/roc.svg").starts_with("<svg")) << text_of(report + "/roc.svg");
}

TEST_F(Evaluate, APictureThatIsBrokenCountsAsOneWithoutAFace) {
  write_file(picture("Berta", 1), std::string_view("no picture"));
  const Outcome outcome = run_likeness(command({"--model", "resnet"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "Berta_0001.jpg")) << "it is named: " << outcome.err;
  EXPECT_TRUE(has(outcome.out, "no face             2 pairs, 1 pictures")) << outcome.out;
}

TEST_F(Evaluate, WhatIsMissingOrWrongIsToldBeforeTheWork) {
  expect_json_error(
      {"evaluate", "verification", "--images", file("nowhere"), "--pairs", file("pairs.txt")},
      "not_found", "nowhere");
  expect_json_error(
      {"evaluate", "verification", "--images", file("lfw"), "--pairs", file("none.txt")},
      "not_found", "none.txt");
  expect_json_error(command({"--model", "mtcnn"}), "invalid_argument", "duo");
  write_file(file("report"), std::string_view("a file where a folder should be"));
  expect_json_error(command({"--report", file("report")}), "write_failed", "report");
  fs::remove(picture("Carla", 2));
  expect_json_error(command(), "not_found", "Carla_0002.jpg");
  write_file(file("pairs.txt"), std::string_view("2\t1\nAnna\t1\t2\nAnna\tone\tBerta\t1\n"));
  expect_json_error(command(), "corrupt_file", "line 3");
}

TEST_F(Evaluate, APictureWithoutAFaceCanBeEncodedFromWhereTheOthersAre) {
  write_image(picture("Dora", 1), pattern(200, 250));  // nobody in it
  const Outcome outcome =
      run_likeness(command({"--model", "mobilefacenet", "--no-face", "centre", "--json"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json report = json_of(outcome.out);
  EXPECT_EQ(report.at("no_face"), 0);
  EXPECT_EQ(report.at("pictures_without_face"), Json::array());
  EXPECT_EQ(report.at("guessed_pictures"), (Json{"Dora/Dora_0001.jpg"}));
  const Outcome text = run_likeness(command({"--model", "mobilefacenet", "--no-face", "centre"}));
  EXPECT_TRUE(has(text.out, "0 pictures; 1 more were encoded from where the others")) << text.out;
  expect_json_error(command({"--no-face", "skip"}), "invalid_argument", "--no-face");
}

TEST_F(Evaluate, GroupsAreMeasuredAtTheSameThresholds) {
  write_file(file("groups.csv"), std::string_view("path,group\n"
                                                  "Anna/Anna_0001.jpg,young\n"
                                                  "Anna/Anna_0002.jpg,young\n"
                                                  "Carla/Carla_0001.jpg,old\n"
                                                  "Carla/Carla_0002.jpg,old\n"
                                                  "Berta/Berta_0001.jpg,old\n"));
  const Arguments with_groups = {"--model", "mobilefacenet", "--groups", file("groups.csv")};
  Arguments arguments = with_groups;
  arguments.insert(arguments.end(), {"--json", "--report", file("report")});
  const Outcome outcome = run_likeness(command(arguments));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json groups = json_of(outcome.out).at("groups");
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].at("group"), "old");
  EXPECT_EQ(groups[1].at("group"), "young");
  EXPECT_EQ(groups[2].at("group"), "old and young");
  const Json& rates = groups[0].at("error_rates")[0];
  EXPECT_EQ(rates.at("at"), "FMR 1e-2");
  EXPECT_EQ(rates.at("fnmr").at("comparisons"), 2);
  EXPECT_EQ(rates.at("fmr").at("comparisons"), 1);
  EXPECT_TRUE(has(text_of(file("report/index.html")), "Error rates of groups"));
  EXPECT_TRUE(has(run_likeness(command(with_groups)).out, "young: FMR no pairs, FNMR 0.00 %"));

  write_file(file("groups.csv"), std::string_view("picture;group\n"));
  expect_json_error(command(with_groups), "corrupt_file", "path,group");
  write_file(file("groups.csv"), std::string_view("path,group\nNobody/Nobody_0001.jpg,young\n"));
  expect_json_error(command(with_groups), "invalid_argument", "Anna/Anna_0001.jpg");
}

/// Data/Images/001/frontal/01.jpg …, and Protocol/ as CFP has it.
class EvaluateCfp : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    add(kAnnaOnce, "001/frontal/01");
    add(kAnnaAgain, "001/profile/01");
    add(kCarlaOnce, "002/frontal/01");
    add(kCarlaAgain, "002/profile/01");
    fs::create_directories(file("cfp/Protocol/Split/FP"));
    for (const char* kind : {"F", "P"})
      write_file(file(std::string("cfp/Protocol/Pair_list_") + kind + ".txt"),
                 "1 ../Data/Images/001/" + folder_of(kind) + "/01.jpg\n2 ../Data/Images/002/" +
                     folder_of(kind) + "/01.jpg\n");
    for (const char* fold : {"01", "02"}) {
      fs::create_directories(split(fold));
      write_file(split(fold) + "/same.txt", std::string_view("1,1\n2,2\n"));
      write_file(split(fold) + "/diff.txt", std::string_view("1,2\n2,1\n"));
    }
  }
  static std::string folder_of(std::string_view kind) {
    return kind == "F" ? "frontal" : "profile";
  }
  std::string split(const std::string& fold) const { return file("cfp/Protocol/Split/FP/" + fold); }
  void add(const Portrait& portrait, const std::string& name) const {
    const std::string path = "cfp/Data/Images/" + name + ".jpg";
    fs::create_directories(fs::path(file(path)).parent_path());
    portrait_file(portrait, path);
  }
  Arguments command(const std::string& pairs) const {
    return {"evaluate", "verification", "--images", file("cfp"),
            "--pairs",  pairs,          "--model",  "mobilefacenet"};
  }
};

TEST_F(EvaluateCfp, ReadsTheProtocolOfTheDataSet) {
  for (const char* pairs : {"cfp", "cfp/Protocol", "cfp/Protocol/Split/FP"}) {
    Arguments arguments = command(file(pairs));
    arguments.emplace_back("--json");
    const Outcome outcome = run_likeness(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = json_of(outcome.out);
    EXPECT_EQ(report.at("pairs"), 8);
    EXPECT_EQ(report.at("folds").size(), 2U);
    EXPECT_EQ(report.at("accuracy_mean"), 1.0);
  }
}

TEST_F(EvaluateCfp, WhatIsMissingOrWrongIsNamed) {
  expect_json_error(command(file("cfp/Data")), "not_found", "Protocol");
  write_file(split("02") + "/diff.txt", std::string_view("1,2\n1,1\n"));
  expect_json_error(command(file("cfp")), "corrupt_file", "line 2");
  write_file(split("02") + "/diff.txt", std::string_view("1,2\n1,7\n"));
  expect_json_error(command(file("cfp")), "corrupt_file", "7");
  fs::remove(split("02") + "/diff.txt");
  expect_json_error(command(file("cfp")), "not_found", "diff.txt");
}

/// A few pairs of View 1's test list: enough to see that the protocol runs on the real thing.
TEST_F(Evaluate, RunsOnLabeledFacesInTheWild) {
  const fs::path lfw = shared_folder() / "data" / "faces" / "lfw";
  LIKENESS_SKIP_WHEN(missing_path(lfw / "pairsDevTest.txt", "these photos are not published"));
  std::ifstream list(lfw / "pairsDevTest.txt");
  std::string line;
  std::getline(list, line);
  const int each = std::stoi(line);
  std::string pairs = "20\n";
  for (int i = 0; std::getline(list, line); ++i)
    if (i % each < 20) pairs += line + "\n";
  write_file(file("few.txt"), pairs);
  const Outcome outcome =
      run_likeness({"evaluate", "verification", "--images", (lfw / "images").string(), "--pairs",
                    file("few.txt"), "--model", "mobilefacenet", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json report = json_of(outcome.out);
  EXPECT_EQ(report.at("pairs"), 40);
  EXPECT_EQ(report.at("folds").size(), 10U);
  EXPECT_GE(report.at("accuracy_mean"), 0.9);
}

}  // namespace
}  // namespace likeness
