#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/text.h>

namespace likeness {
namespace {

/// What stands for `bytes` that are not UTF-8. (Written out, "??'" would be a trigraph.)
std::string unknown(std::size_t bytes) {
  return std::string(bytes, '?');
}

TEST(InQuotes, LeavesReadableTextAsItIs) {
  EXPECT_EQ(in_quotes(""), "''");
  EXPECT_EQ(in_quotes("conv1.weight"), "'conv1.weight'");
  EXPECT_EQ(in_quotes("Zoë 東京 \U0001F600 \"x\""), "'Zoë 東京 \U0001F600 \"x\"'");
}

TEST(InQuotes, KeepsTerminalsAndLogsSafe) {
  EXPECT_EQ(in_quotes("a\nb\r\tc\x1b[2J\x7f"), "'a?b??c?[2J?'");
  EXPECT_EQ(in_quotes(std::string("\0x", 2)), "'?x'");
  EXPECT_EQ(in_quotes("\u009b2J"), "'?2J'") << "the one-character form of an escape sequence";
  EXPECT_EQ(in_quotes("gpj.\u202etxt\u2028"), "'gpj.?txt?'") << "text that turns around";
}

TEST(InQuotes, GivesUtf8WhateverComesIn) {
  EXPECT_EQ(in_quotes("\xff\xfe.jpg"), "'??.jpg'");
  EXPECT_EQ(in_quotes("Zo\xeb"), "'Zo?'") << "Latin-1";
  EXPECT_EQ(in_quotes("cut \xe6\x9d"), "'cut " + unknown(2) + "'");
  EXPECT_EQ(in_quotes("\xc3("), "'?('") << "what follows is not swallowed";
  EXPECT_EQ(in_quotes("\xc0\xaf"), "'" + unknown(2) + "'") << "longer than needed";
  EXPECT_EQ(in_quotes("\xe0\x80\xaf"), "'" + unknown(3) + "'");
  EXPECT_EQ(in_quotes("\xf0\x80\x80\xaf"), "'" + unknown(4) + "'");
  EXPECT_EQ(in_quotes("\xed\xa0\x80"), "'" + unknown(3) + "'") << "a surrogate";
  EXPECT_EQ(in_quotes("\xf4\x90\x80\x80"), "'" + unknown(4) + "'") << "above U+10FFFF";
  EXPECT_EQ(in_quotes("\xf5\x80\x80\x80"), "'" + unknown(4) + "'");
  EXPECT_EQ(in_quotes("\x80"), "'?'");
}

TEST(InQuotes, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(in_quotes(std::string(120, 'n')), "'" + std::string(120, 'n') + "'");
  EXPECT_EQ(in_quotes(std::string(121, 'n')), "'" + std::string(120, 'n') + "…'");
  // Byte 120 lies within a letter.
  EXPECT_EQ(in_quotes(std::string(119, 'n') + "ëë"), "'" + std::string(119, 'n') + "…'");
  EXPECT_EQ(in_quotes(std::string(118, 'n') + "ë"), "'" + std::string(118, 'n') + "ë'");
}

TEST(NumberText, SaysWhatAPersonWouldHaveTyped) {
  EXPECT_EQ(number_text(3), "3");
  EXPECT_EQ(number_text(-0.5), "-0.5");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(1e-5), "1e-05") << "not 0.000010, and not 0";
  EXPECT_EQ(number_text(1e6), "1000000");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(CommaList, PutsCommasBetweenWords) {
  const std::vector<std::string> words = {"a", "b c", "d"};
  EXPECT_EQ(comma_list(words), "a, b c, d");
  EXPECT_EQ(comma_list(std::span(words).first(1)), "a");
  EXPECT_EQ(comma_list({}), "");
}

}  // namespace
}  // namespace likeness
