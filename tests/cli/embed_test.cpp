/// likeness embed: what it reads, what it writes, and what becomes of photos that cannot be used.

#include <filesystem>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/encodings.h"
#include "support/face_photos.h"
#include "support/made_files.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDuo = 320;

class Embed : public RealFaces {
 protected:
  Outcome embed(std::vector<std::string> arguments, const Surroundings& surroundings = {}) const {
    arguments.insert(arguments.begin(), "embed");
    return run_likeness(arguments, surroundings);
  }
};

void expect_unit_length(const std::vector<float>& encoding) {
  double sum = 0;
  for (const float value : encoding) sum += static_cast<double>(value) * value;
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST_F(Embed, AFolderBecomesRowsInTheOrderOfItsNames) {
  fs::create_directories(file("album/more"));
  fs::create_directories(file("album/.thumbnails"));
  const std::string b = portrait_file(kBerta, "album/b.JPG");
  const std::string a = portrait_file(kAnnaOnce, "album/a.png");
  const std::string c = portrait_file(kAnnaAgain, "album/more/c.webp");
  portrait_file(kDora, "album/.thumbnails/hidden.png");
  write_file(file("album/notes.txt"), std::string_view("not a picture"));
  const Outcome outcome = embed({file("album"), "-o", file("faces.npy")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            file("faces.npy") + ": 3 encodings of 3 photos (duo, 320 numbers each), 0 skipped\n");
  EXPECT_TRUE(outcome.err.starts_with("Encoding faces\n")) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "Encoding faces: 3/3")) << outcome.err;

  const Matrix rows = read_npy(file("faces.npy"));
  ASSERT_EQ(rows.rows(), 3U);
  ASSERT_EQ(rows.columns, kDuo);
  for (std::size_t i = 0; i < 3; ++i) expect_unit_length(rows.row(i));
  EXPECT_LT(distance(rows.row(0), rows.row(2)), 0.4) << "Anna in two photos";
  EXPECT_GT(distance(rows.row(0), rows.row(1)), 0.6) << "two people";

  const auto table = read_table(file("faces.npy.txt"));
  ASSERT_EQ(table.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(table[i].size(), 7U) << "path, face, box, score";
    EXPECT_EQ(table[i][0], (std::vector<std::string>{a, b, c})[i]);
    EXPECT_EQ(table[i][1], "0");
    EXPECT_NEAR(std::stod(table[i][4]), 100, 25) << "width of the box";
    EXPECT_GT(std::stod(table[i][6]), 0.9) << "score";
  }
}

TEST_F(Embed, EveryFormatHoldsTheSameNumbers) {
  const std::string anna = portrait_file(kAnnaOnce, "anna.png");
  const std::string berta = portrait_file(kBerta, "berta.png");
  const std::string pattern = file("*a.png");
  const Outcome npy = embed({pattern, "-o", file("a.npy"), "--model", "resnet", "--json"});
  EXPECT_EQ(npy.exit_code, 0) << npy.err;
  EXPECT_EQ(npy.err, "");
  const Json summary = json_of(npy.out);
  EXPECT_EQ(summary, (Json{{"output", file("a.npy")},
                           {"model", "resnet"},
                           {"dimensions", 128},
                           {"photos", 2},
                           {"encodings", 2},
                           {"failed", Json::array()}}));
  EXPECT_EQ(embed({pattern, "-o", file("a.jsonl"), "--model", "resnet", "-q"}).exit_code, 0);
  const Outcome printed = embed({anna, berta, "-o", "-", "--model", "resnet", "-q"});
  EXPECT_EQ(printed.out, text_of(file("a.jsonl")));

  const Matrix rows = read_npy(file("a.npy"));
  const auto lines = json_lines(printed.out);
  ASSERT_EQ(lines.size(), 2U);
  ASSERT_EQ(rows.rows(), 2U);
  ASSERT_EQ(rows.columns, 128U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(lines[i].at("path"), i == 0 ? anna : berta);
    EXPECT_EQ(lines[i].at("face"), 0);
    EXPECT_EQ(lines[i].at("model"), "resnet");
    EXPECT_GT(lines[i].at("score"), 0.9);
    EXPECT_NEAR(lines[i].at("box").at("width"), 100, 25);
    EXPECT_EQ(lines[i].at("encoding").get<std::vector<float>>(), rows.row(i));
  }
}

TEST_F(Embed, AllFacesOfAPhotoAreEncodedOnDemand) {
  const std::string group = group_file("group.png");
  const Outcome all = embed({group, "-o", "-", "--all-faces", "--model", "mobilefacenet"});
  const auto lines = json_lines(all.out);
  ASSERT_EQ(lines.size(), 12U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("face"), i);
    EXPECT_EQ(lines[i].at("encoding").size(), 192U);
  }
  const auto one = json_lines(embed({group, "-o", "-", "--model", "mobilefacenet"}).out);
  ASSERT_EQ(one.size(), 1U);
  const std::size_t main = one[0].at("face");
  EXPECT_LT(distance(one[0].at("encoding"), lines.at(main).at("encoding")), 1e-6);
}

TEST_F(Embed, PhotosThatCannotBeUsedAreReportedAndSkipped) {
  const std::string first = portrait_file(kAnnaOnce, "1.png");
  write_file(file("2.jpg"), std::string_view("no picture"));
  Bytes half = read_file(portrait_file(kBerta, "whole.jpg"), 1 << 20);
  half.resize(half.size() / 2);
  write_file(file("3.jpg"), half);
  write_image(file("4.png"), pattern(200, 200));
  const std::string last = portrait_file(kBerta, "5.png");
  const std::vector<std::string> arguments = {first, file("2.jpg"), file("3.jpg"), file("4.png"),
                                              last,  file("6.jpg"), "-o"};
  const auto to = [&](const std::string& output) {
    std::vector<std::string> all = arguments;
    all.push_back(output);
    return all;
  };
  const Outcome text = embed(to(file("faces.npy")));
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_TRUE(has(text.out, "2 encodings of 2 photos")) << text.out;
  EXPECT_TRUE(has(text.out, "4 skipped")) << text.out;
  for (const char* name : {"2.jpg", "3.jpg", "4.png: no face found", "6.jpg: no such file"})
    EXPECT_TRUE(has(text.err, name)) << name << " is missing in\n" << text.err;
  EXPECT_EQ(read_npy(file("faces.npy")).rows(), 2U);

  std::vector<std::string> in_json = to(file("faces.jsonl"));
  in_json.emplace_back("--json");
  const Outcome json = embed(in_json);
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_EQ(json.err, "");
  std::vector<std::string> codes;
  const Json summary = json_of(json.out);
  for (const Json& failure : summary.at("failed")) codes.push_back(failure.at("error").at("code"));
  EXPECT_EQ(codes, (std::vector<std::string>{"not_found", "unsupported_format", "corrupt_file",
                                             "no_face"}));
  EXPECT_EQ(json_lines(text_of(file("faces.jsonl"))).size(), 2U);

  // On standard output, failures stand among the encodings, so that nothing is lost.
  std::vector<std::string> mixed = to("-");
  mixed.emplace_back("--json");
  const auto lines = json_lines(embed(mixed).out);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0].at("error").at("code"), "not_found");
  EXPECT_TRUE(lines[1].contains("encoding"));
}

TEST_F(Embed, MessagesOfAClosedStreamDoNotEndUpInTheOutput) {
  portrait_file(kAnnaOnce, "a.png");
  portrait_file(kBerta, "b.png");
  for (const int stream : {0, 1, 2}) {
    const Outcome outcome = embed({file("*.png"), "-o", file("faces.npy"), "--model", "resnet"},
                                  {.closed_stream = stream});
    EXPECT_EQ(outcome.exit_code, stream == 1 ? 2 : 0) << "the summary cannot be printed";
    EXPECT_EQ(read_npy(file("faces.npy")).rows(), 2U) << "with stream " << stream << " closed";
  }
}

TEST_F(Embed, NothingThatCanBeUsedLeavesNoFile) {
  write_file(file("1.jpg"), std::string_view("no picture"));
  write_file(file("2.jpg"), std::string_view(""));
  write_file(file("old.npy"), std::string_view("of last week"));
  const Outcome outcome = embed({file("1.jpg"), file("2.jpg"), "-o", file("old.npy"), "--json"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  const Json error = json_of(outcome.err).at("error");
  EXPECT_EQ(error.at("code"), "unsupported_format");
  EXPECT_TRUE(has(error.at("message"), "none of the 2 inputs")) << error;
  EXPECT_EQ(text_of(file("old.npy")), "of last week");
  EXPECT_FALSE(fs::exists(file("old.npy.txt")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), {}), 3) << "a temporary file is left";
  expect_json_error({"embed", file("2.jpg"), "-o", file("x.npy")}, "corrupt_file", "2.jpg");
  EXPECT_FALSE(fs::exists(file("x.npy")));
}

}  // namespace
}  // namespace likeness
