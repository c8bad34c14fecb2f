#include "model/json.h"

#include <string>

#include <gtest/gtest.h>
#include <likeness/core/error.h>

#include "support/error_code.h"

namespace likeness {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, ReadsUpToTheDepthThatIsAllowed) {
  EXPECT_EQ(parse_json(nested(3), "x", 3).dump(), "[[[]]]");
  EXPECT_EQ(code_of([] { parse_json(nested(4), "x", 3); }), ErrorCode::corrupt_file);
  EXPECT_EQ(parse_json(R"([{"a":[1]},[[2]],{"b":{}}])", "x", 3).size(), 3U);
}

TEST(Json, AMillionOpenBracketsAreOneError) {
  const std::string deep = nested(1'000'000);
  EXPECT_EQ(message_of([&] { parse_json(deep, "deep.json", 100); }),
            "deep.json: JSON is nested deeper than 100 levels");
}

TEST(Json, RefusesAKeyThatIsRepeatedInOneObjectOnly) {
  EXPECT_EQ(message_of([] { parse_json(R"({"a":{"k":1},"k":2,"b":{"k":3,"k":4}})", "x", 9); }),
            "x: JSON has the key 'k' twice in one object");
  EXPECT_EQ(parse_json(R"([{"k":1},{"k":{"k":2}}])", "x", 9).size(), 2U);
}

TEST(Json, NamesThePlaceOfASyntaxError) {
  const std::string message = message_of([] { parse_json("{\n  \"a\": NaN}", "x", 9); });
  EXPECT_NE(message.find("x: not JSON"), std::string::npos) << message;
  EXPECT_NE(message.find("line 2, column 8"), std::string::npos) << message;
}

TEST(Json, ErrorsStayShort) {
  const std::string text = "{\"" + std::string(100'000, 'x');
  EXPECT_LT(message_of([&] { parse_json(text, "x", 9); }).size(), 300U);
}

TEST(Json, RefusesWhatJsonLacks) {
  for (const std::string text : {"", " ", "{", "[1,]", "{\"a\":1,}", "'a'", "// no\n1", "1 2",
                                 "\xef\xbb\xbf{} x", "\"\xff\"", "1e999"})
    EXPECT_EQ(code_of([&] { parse_json(text, "x", 9); }), ErrorCode::corrupt_file) << text;
}

}  // namespace
}  // namespace likeness
