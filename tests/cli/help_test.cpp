#include <gtest/gtest.h>

#include "support/program.h"

namespace likeness {
namespace {

TEST(Help, IsPrintedWhenNothingIsAskedFor) {
  const Outcome outcome = run_likeness({});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  for (const char* part : {"verify", "detect", "embed", "models", "evaluate",
                           "Examples:", "likeness verify anna1.jpg anna2.jpg", "Exit codes:"})
    EXPECT_TRUE(has(outcome.out, part)) << part << " is missing in\n" << outcome.out;
  EXPECT_EQ(run_likeness({"--help"}).out, outcome.out);
}

TEST(Help, OfEachCommandHasExamplesAndDefaults) {
  for (const char* command : {"verify", "detect", "embed", "models", "evaluate"}) {
    const Outcome outcome = run_likeness({command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_TRUE(has(outcome.out, "Examples:")) << outcome.out;
    EXPECT_TRUE(has(outcome.out, std::string("likeness ") + command)) << outcome.out;
  }
  const std::string verify = run_likeness({"verify", "--help"}).out;
  EXPECT_TRUE(has(verify, "(default: duo)")) << verify;
  EXPECT_TRUE(has(verify, "(default: 0)")) << verify;
}

TEST(Help, NamesTheVersion) {
  const Outcome outcome = run_likeness({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.out.starts_with("likeness ")) << outcome.out;
}

TEST(Usage, MistakesAreOneLineThatPointsToTheHelp) {
  expect_plain_error({"verify", "one.jpg"}, "likeness verify --help");
  expect_plain_error({"verify", "a.jpg", "b.jpg", "--nonsense"}, "--nonsense");
  expect_plain_error({"juggle"}, "juggle");
}

TEST(Usage, MistakesAreJsonWithJson) {
  expect_json_error({"verify", "one.jpg"}, "invalid_argument", "B");
  expect_json_error({"verify", "a.jpg", "b.jpg", "--fmr", "often"}, "invalid_argument", "often");
  expect_json_error({"juggle"}, "invalid_argument", "juggle");
}

TEST(Usage, OptionsThatCannotBeUsedAreRefusedBeforeAnyWork) {
  const auto refused = [](std::vector<std::string> more, std::string_view part) {
    std::vector<std::string> arguments = {"verify", "a.jpg", "b.jpg"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_json_error(arguments, "invalid_argument", part);
  };
  refused({"--model", "eigenfaces"}, "duo");
  refused({"--fmr", "1.5"}, "1.5");
  refused({"--fmr", "1e-3", "--threshold", "1"}, "--threshold");
  refused({"--threshold", "-1"}, "-1");
  refused({"--device", "abacus"}, "abacus");
  refused({"--threads", "-3"}, "-3");
  refused({"--face", "-1"}, "--face");
  refused({"--explain", "why.txt"}, "why.txt");
  expect_json_error({"verify", "-", "-"}, "invalid_argument", "standard input");
  expect_json_error({"verify", "a.jpg", "b.jpg", "--explain", "/no/such/folder/why.png"},
                    "write_failed", "/no/such/folder");
  expect_json_error({"embed", "a.jpg", "-o", "faces.csv"}, "invalid_argument", ".npy");
}

TEST(Usage, NoCommandFailsWithoutAHome) {
  const Surroundings no_home = {
      .environment = {{"HOME", ""}, {"XDG_CACHE_HOME", ""}, {"LIKENESS_CACHE", ""}}};
  EXPECT_EQ(run_likeness({"--help"}, no_home).exit_code, 0);
  expect_json_error({"verify", "a.jpg", "b.jpg"}, "not_found", "LIKENESS_CACHE", no_home);
}

}  // namespace
}  // namespace likeness
