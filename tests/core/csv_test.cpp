
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/csv.h>

#include "support/error_code.h"

namespace likeness {
namespace {

using Record = std::vector<std::string>;

std::vector<Record> records(std::string_view text) {
  const std::string name = "list.csv";
  CsvReader reader(text, name);
  std::vector<Record> all;
  while (auto record = reader.next()) all.push_back(*record);
  return all;
}

TEST(Csv, FieldsStandBetweenCommas) {
  EXPECT_EQ(records("a,b\nc,,d\n"), (std::vector<Record>{{"a", "b"}, {"c", "", "d"}}));
  EXPECT_EQ(records("a,b"), (std::vector<Record>{{"a", "b"}}));
  EXPECT_EQ(records("a,\n"), (std::vector<Record>{{"a", ""}}));
  EXPECT_TRUE(records("").empty());
}

TEST(Csv, QuotedFieldsMayHoldCommasQuotesAndLineEnds) {
  EXPECT_EQ(records("\"Lee, Ann\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n"),
            (std::vector<Record>{{"Lee, Ann", "say \"hi\""}, {"two\nlines", ""}}));
}

TEST(Csv, WindowsLineEndsBlankLinesAndAByteOrderMarkAreFine) {
  EXPECT_EQ(records("\xEF\xBB\xBF"
                    "a,b\r\n\r\n\nc,d\r\n"),
            (std::vector<Record>{{"a", "b"}, {"c", "d"}}));
}

TEST(Csv, WhatIsWrongIsNamedWithItsLine) {
  for (const char* text : {"a,b\n\"c,d\n", "a,b\nc\"d,e\n", "a,b\n\"c\"d,e\n"}) {
    EXPECT_EQ(code_of([&] { records(text); }), ErrorCode::corrupt_file) << text;
    EXPECT_NE(message_of([&] { records(text); }).find("list.csv, line 2"), std::string::npos);
  }
  EXPECT_NE(message_of([] { records("\"a\nb\",c\nd\"\n"); }).find("line 3"), std::string::npos);
}

}  // namespace
}  // namespace likeness
