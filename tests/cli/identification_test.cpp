/// likeness evaluate identification: who is it, of those who are enrolled?

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/encodings.h"
#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Eight women with two pictures each, and two of whom there is one.
class Identify : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::remove_all(file("people/woman3"));  // Anna again
    fs::remove_all(file("people/woman6"));  // Carla again
    fs::remove(file("people/woman2/2.jpg"));
    fs::remove(file("people/woman9/2.jpg"));
  }

  Arguments command(const Arguments& more = {}) const {
    Arguments arguments = {"evaluate", "identification", "--images",    file("people"),
                           "--model",  "mobilefacenet",  "--encodings", file("kept.safetensors")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Json identify(const Arguments& more = {}) const {
    Arguments arguments = command(more);
    arguments.emplace_back("--json");
    const Outcome outcome = run_likeness(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json_of(outcome.out);
  }
};

TEST_F(Identify, MeasuresTheClosedAndTheOpenSet) {
  const Json result = identify({"--report", file("report")});
  EXPECT_EQ(result.at("enrolled"), 8);
  EXPECT_EQ(result.at("mated_probes"), 8);
  EXPECT_EQ(result.at("non_mated_probes"), 2);
  EXPECT_EQ(result.at("no_face"), 0);
  EXPECT_EQ(result.at("rank_1"), 1.0);
  EXPECT_EQ(result.at("cmc").size(), 8U);
  EXPECT_EQ(result.at("fnir").at("1e-2"), nullptr) << "two strangers cannot tell";
  EXPECT_EQ(json_of(text_of(file("report/report.json"))), result);
  for (const char* name : {"report/cmc.svg", "report/det.svg"})
    EXPECT_TRUE(text_of(file(name)).starts_with("<svg")) << name;
  const std::string page = text_of(file("report/index.html"));
  for (const char* part : {"FNIR at FPIR", "woman2/1.jpg", "src=\"data:image/"})
    EXPECT_TRUE(has(page, part)) << part;
  EXPECT_FALSE(has(page, "src=\"http"));

  const Outcome words = run_likeness(command());
  for (const char* part :
       {"8 people enrolled with one picture each, 8 probes of them, 2 strangers",
        "rank 1             100.00 %", "FNIR at FPIR 1e-2  too few strangers; --strangers"})
    EXPECT_TRUE(has(words.out, part)) << part << " is missing in\n" << words.out;
}

TEST_F(Identify, PeopleCanBeLeftOutOfTheGallery) {
  const Json result = identify({"--strangers", "0.5", "--seed", "3"});
  EXPECT_EQ(result.at("enrolled").get<int>() * 2 + result.at("non_mated_probes").get<int>(), 18);
  EXPECT_GT(result.at("non_mated_probes"), 2);
  EXPECT_EQ(identify({"--strangers", "0.5", "--seed", "3"}), result);
}

TEST_F(Identify, AListChoosesThePictures) {
  write_file(file("list.txt"),
             std::string_view("woman0/1.jpg\nwoman0/2.jpg\nwoman1/1.jpg\nwoman1/2.jpg\n"));
  const Json result = identify({"--list", file("list.txt")});
  EXPECT_EQ(result.at("enrolled"), 2);
  EXPECT_EQ(result.at("non_mated_probes"), 0) << "the closed set alone";
}

TEST_F(Identify, AProbeWithoutAFaceIsNeverFoundUnlessItIsGuessed) {
  write_image(file("people/woman0/2.jpg"), pattern(200, 250));
  const Json lost = identify();
  EXPECT_EQ(lost.at("no_face"), 1);
  EXPECT_EQ(lost.at("rank_1"), 7.0 / 8);
  EXPECT_EQ(lost.at("guessed"), 0);
  const Json guessed = identify({"--no-face", "centre"});
  EXPECT_EQ(guessed.at("no_face"), 0);
  EXPECT_EQ(guessed.at("guessed"), 1);
}

TEST_F(Identify, WhatCannotBeMeasuredIsTold) {
  const auto refused = [&](const Arguments& more, const char* code, const char* part) {
    expect_json_error(command(more), code, part);
  };
  refused({"--strangers", "1"}, "invalid_argument", "share of strangers");
  refused({"--no-face", "ignore"}, "invalid_argument", "--no-face");
  refused({"--list", file("none.txt")}, "not_found", "none.txt");
  write_file(file("list.txt"), std::string_view("woman0/1.jpg\nwoman1/1.jpg\n"));
  refused({"--list", file("list.txt")}, "invalid_argument", "two pictures or more");
  write_file(file("list.txt"), std::string_view("woman0/1.jpg\n../secret.jpg\n"));
  refused({"--list", file("list.txt")}, "corrupt_file", "line 2");
}

}  // namespace
}  // namespace likeness
