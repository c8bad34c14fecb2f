/// likeness embed by several processes, and by a second run after one that was stopped.

#include <algorithm>
#include <csignal>
#include <cstdlib>
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

class EmbedInParts : public RealFaces {
 protected:
  /// Twelve people with two photos each.
  void SetUp() override {
    RealFaces::SetUp();
    if (!IsSkipped()) people_folder("people");
  }
  Outcome embed(const std::string& output, bool resume = true) const {
    std::vector<std::string> arguments = {"embed",      file("people"), "-o",
                                          file(output), "--model",      "mobilefacenet"};
    if (resume) arguments.emplace_back("--resume");
    return run_likeness(arguments);
  }
  /// Exit code of that by several processes; what they print goes to the file "log".
  int embed_together(int processes, const std::string& output) const {
    const std::string command = "mpirun --allow-run-as-root --oversubscribe -n " +
                                std::to_string(processes) + " " + LIKENESS_PROGRAM + " embed " +
                                file("people") + " -o " + file(output) +
                                " --model mobilefacenet --threads 1 >" + file("log") + " 2>&1";
    return std::system(command.c_str());
  }
  /// Lines of all parts, without their first ones.
  std::size_t encoded(const std::string& output) const {
    std::size_t lines = 0;
    for (const auto& entry : fs::directory_iterator(file(output + ".parts")))
      if (entry.path().extension() == ".jsonl") lines += json_lines(text_of(entry)).size() - 1;
    return lines;
  }
};

TEST_F(EmbedInParts, ProcessesGiveWhatOneGives) {
  if (std::system("command -v mpirun >/dev/null") != 0) GTEST_SKIP() << "there is no mpirun";
  write_file(file("people/broken.jpg"), std::string_view("no picture"));
  ASSERT_EQ(embed("one.jsonl", false).exit_code, 1);
  const auto expected = json_lines(text_of(file("one.jsonl")));
  ASSERT_EQ(expected.size(), 24U);
  for (const int processes : {2, 4}) {
    const std::string output = std::to_string(processes) + ".jsonl";
    EXPECT_EQ(embed_together(processes, output), 0) << text_of(file("log"));
    const auto lines = json_lines(text_of(file(output)));
    ASSERT_EQ(lines.size(), 24U) << text_of(file("log"));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].at("path"), expected[i].at("path"));
      EXPECT_EQ(lines[i].at("box"), expected[i].at("box"));
      EXPECT_LT(distance(lines[i].at("encoding"), expected[i].at("encoding")), 1e-6);
    }
    EXPECT_EQ(encoded(output), 25U) << "each photo once";
    EXPECT_TRUE(has(text_of(file("log")), "24 encodings of 24 photos")) << text_of(file("log"));
    EXPECT_TRUE(has(text_of(file("log")), "broken.jpg")) << text_of(file("log"));
  }
}

TEST_F(EmbedInParts, ASecondRunDoesOnlyWhatIsMissing) {
  ASSERT_EQ(embed("faces.npy").exit_code, 0);
  const std::string rows = text_of(file("faces.npy"));
  EXPECT_EQ(encoded("faces.npy"), 24U);
  fs::remove(file("faces.npy"));
  ASSERT_EQ(embed("faces.npy").exit_code, 0);
  EXPECT_EQ(encoded("faces.npy"), 24U) << "nothing was encoded again";
  EXPECT_EQ(text_of(file("faces.npy")), rows);

  // One more, one that became another, one that went.
  portrait_file(kAnnaOnce, "people/anna.jpg");
  fs::copy_file(file("people/woman2/1.jpg"), file("people/woman1/1.jpg"),
                fs::copy_options::overwrite_existing);
  fs::last_write_time(file("people/woman1/1.jpg"), fs::file_time_type::clock::now());
  fs::remove_all(file("people/woman11"));
  ASSERT_EQ(embed("faces.npy").exit_code, 0);
  EXPECT_EQ(encoded("faces.npy"), 26U);
  ASSERT_EQ(embed("fresh.npy", false).exit_code, 0);
  EXPECT_EQ(text_of(file("faces.npy.txt")), text_of(file("fresh.npy.txt")));
  const Matrix resumed = read_npy(file("faces.npy"));
  const Matrix fresh = read_npy(file("fresh.npy"));
  ASSERT_EQ(resumed.rows(), 23U);
  for (std::size_t i = 0; i < 23; ++i) EXPECT_LT(distance(resumed.row(i), fresh.row(i)), 1e-6);

  // With another setting all of it is another encoding.
  const Outcome other = run_likeness({"embed", file("people"), "-o", file("faces.npy"), "--resume",
                                      "--model", "mobilefacenet", "--no-flip"});
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_EQ(encoded("faces.npy"), 23U);
}

TEST_F(EmbedInParts, GoesOnAfterAKill) {
  RunningProgram program({"embed", file("people"), "-o", file("faces.jsonl"), "--model",
                          "mobilefacenet", "--resume", "--threads", "1"});
  const std::string part = file("faces.jsonl.parts/0.jsonl");
  const auto lines = [&] {
    const std::string text = fs::exists(part) ? text_of(part) : "";
    return std::count(text.begin(), text.end(), '\n');
  };
  wait_until([&] { return lines() > 8; });
  ::kill(program.id(), SIGKILL);
  EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
  EXPECT_FALSE(fs::exists(file("faces.jsonl")));
  const std::string kept = text_of(part);
  write_file(part, kept.substr(0, kept.size() - 10));  // a line that was half written
  const Outcome outcome = embed("faces.jsonl");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json_lines(text_of(file("faces.jsonl"))).size(), 24U);
  EXPECT_EQ(encoded("faces.jsonl"), 24U) << "what was whole is kept";
  EXPECT_TRUE(text_of(part).starts_with(kept.substr(0, kept.rfind('\n', kept.size() - 2))));
}

TEST_F(EmbedInParts, RefusesWhatCannotBeReadAgain) {
  const std::string photo = file("people/woman1/1.jpg");
  expect_json_error({"embed", "-", photo, "-o", file("a.npy"), "--resume"}, "invalid_argument",
                    "standard input");
  expect_json_error({"embed", photo, "-o", "-", "--resume"}, "invalid_argument", "--resume");
  write_file(file("a.npy.parts"), std::string_view("a file"));
  expect_json_error({"embed", photo, "-o", file("a.npy"), "--resume"}, "write_failed",
                    "a.npy.parts");
}

}  // namespace
}  // namespace likeness
