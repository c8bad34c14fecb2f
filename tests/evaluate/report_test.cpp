#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/report.h>
#include <nlohmann/json.hpp>

#include "support/error_code.h"
#include "support/temporary_folder.h"

namespace likeness {
namespace {

/// Two folds; the last pair of each is decided wrongly, one more has no face.
VerificationReport example_report() {
  EncodedPictures encoded;
  PairList list;
  list.folds = 2;
  for (int fold = 0; fold < 2; ++fold) {
    const std::string n = std::to_string(fold);
    encoded["A" + n + "/1"] = EncodedPicture{{}, {1, 0}};
    encoded["A" + n + "/2"] = EncodedPicture{{}, {0.8F, 0.6F}};
    encoded["A" + n + "/3"] = EncodedPicture{{}, {-1, 0}};
    encoded["B" + n + "/1"] = EncodedPicture{{}, {0, 1}};
    list.pairs.push_back({"A" + n + "/1", "A" + n + "/2", true, fold});
    list.pairs.push_back({"A" + n + "/1", "B" + n + "/1", false, fold});
    list.pairs.push_back({"A" + n + "/3", "B" + n + "/1", false, fold});
    list.pairs.push_back({"A" + n + "/1", "A" + n + "/3", true, fold});
  }
  encoded["<i>\"&/1"] = std::nullopt;
  list.pairs.push_back({"A0/1", "<i>\"&/1", false, 0});
  return make_report("m&m", list, encoded);
}

Image grey(const std::string&) {
  return {300, 200};
}

TEST(Report, JsonHasTheFiguresAsShares) {
  const auto json = nlohmann::json::parse(to_json(example_report()));
  EXPECT_EQ(json["model"], "m&m");
  EXPECT_EQ(json["pairs"], 9);
  EXPECT_EQ(json["no_face"], 1);
  EXPECT_DOUBLE_EQ(json["accuracy_mean"], (3.0 / 5 + 3.0 / 4) / 2);
  EXPECT_NEAR(json["accuracy_std"], 0.15 / std::sqrt(2.0), 1e-12);
  EXPECT_DOUBLE_EQ(json["tar"]["1e-2"], 0.5);
  EXPECT_DOUBLE_EQ(json["tar"]["1e-3"], 0.5);
  EXPECT_GT(json["auc"], 0.5);
  EXPECT_GT(json["eer"], 0);
  EXPECT_EQ(json["folds"].size(), 2U);
  EXPECT_NEAR(json["folds"][0]["threshold"], 1.2, 1e-6);  // between 0.4 and 2
  EXPECT_EQ(json["pictures_without_face"], nlohmann::json::array({"<i>\"&/1"}));
}

TEST(Report, JsonListsTheFailuresWorstFirst) {
  const auto failures = nlohmann::json::parse(to_json(example_report()))["failures"];
  ASSERT_EQ(failures.size(), 3U);
  EXPECT_TRUE(failures[0]["distance"].is_null());
  EXPECT_EQ(failures[0]["second"], "<i>\"&/1");
  EXPECT_EQ(failures[1]["distance"], 4);
  EXPECT_EQ(failures[1]["same_person"], true);
  EXPECT_EQ(failures[1]["fold"], 1);
}

TEST(Report, NamesThatAreNotUtf8DoNotStopIt) {
  VerificationReport report = example_report();
  report.pictures_without_face = {"\xff\xfe"};
  EXPECT_NO_THROW(nlohmann::json::parse(to_json(report)));
}

TEST(Report, TheCurveIsAStaircaseFromLeftToRight) {
  const std::string svg = roc_svg(example_report().distance.measures);
  const auto begin = svg.find("<path class=\"curve\" d=\"M");
  ASSERT_NE(begin, std::string::npos);
  // Half of the genuine pairs lie closer than any stranger: the curve starts at 0.5, on the floor
  // of the plot, and ends at FMR 4 of 5 (one impostor pair has no face) with all genuine pairs.
  EXPECT_NE(svg.find("d=\"M72.0 380.0L", begin), std::string::npos) << svg.substr(begin, 100);
  EXPECT_NE(svg.find("false-match rate, FMR (FAR)"), std::string::npos);
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Report, ThePageIsSelfContainedAndEscapesNames) {
  const std::string html = to_html(example_report(), grey);
  EXPECT_EQ(html.find("<i>"), std::string::npos);
  EXPECT_NE(html.find("&lt;i&gt;&quot;&amp;/1"), std::string::npos);
  EXPECT_NE(html.find("Verification with m&amp;m"), std::string::npos);
  EXPECT_NE(html.find("src=\"data:image/jpeg;base64,/9j/"), std::string::npos);
  EXPECT_EQ(html.find("src=\"http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("One person, rejected: distance 4.000, threshold 1.200"), std::string::npos);
  EXPECT_NE(html.find("No face found"), std::string::npos);
}

TEST(Report, OnlySoManyFailuresAreShownWithPictures) {
  PairList list;
  EncodedPictures encoded;
  list.folds = 2;
  encoded["A/1"] = EncodedPicture{{}, {1, 0}};
  encoded["A/2"] = EncodedPicture{{}, {0.8F, 0.6F}};
  encoded["B/1"] = EncodedPicture{{}, {0, 1}};
  encoded["none/1"] = std::nullopt;
  for (int i = 0; i < 300; ++i) {
    list.pairs.push_back({"A/1", "A/2", true, i % 2});
    list.pairs.push_back({"A/1", "B/1", false, i % 2});
    list.pairs.push_back({"A/1", "none/1", true, i % 2});
  }
  int pictures = 0;
  const std::string html = to_html(make_report("m", list, encoded), [&](const std::string& name) {
    ++pictures;
    return grey(name);
  });
  EXPECT_EQ(pictures, 400);
  EXPECT_NE(html.find("300 pairs decided wrongly"), std::string::npos);
  EXPECT_NE(html.find("the first 200 are shown"), std::string::npos);
}

TEST(Report, WritesThreeFilesIntoANewFolder) {
  const TemporaryFolder folder;
  const auto target = folder.path() / "new" / "répört";
  write_report(target, example_report(), grey);
  for (const char* name : {"report.json", "roc.svg", "index.html"})
    EXPECT_GT(std::filesystem::file_size(target / name), 500U) << name;
}

TEST(Report, AFolderThatCannotBeWrittenIsRefusedBeforehand) {
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "x");
  EXPECT_EQ(code_of([&] { prepare_report_folder(folder.path() / "file"); }),
            ErrorCode::write_failed);
  EXPECT_EQ(code_of([&] { prepare_report_folder(folder.path() / "file" / "below"); }),
            ErrorCode::write_failed);
}

}  // namespace
}  // namespace likeness
