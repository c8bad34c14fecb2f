#include <array>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <likeness/core/error.h>

namespace likeness {
namespace {

/// The names that programs read in JSON; changing one breaks them.
constexpr std::array<std::pair<ErrorCode, std::string_view>, 13> kNames = {{
    {ErrorCode::invalid_argument, "invalid_argument"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::unreadable, "unreadable"},
    {ErrorCode::unsupported_format, "unsupported_format"},
    {ErrorCode::corrupt_file, "corrupt_file"},
    {ErrorCode::too_large, "too_large"},
    {ErrorCode::no_face, "no_face"},
    {ErrorCode::ambiguous_face, "ambiguous_face"},
    {ErrorCode::missing_model, "missing_model"},
    {ErrorCode::checksum_mismatch, "checksum_mismatch"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::write_failed, "write_failed"},
    {ErrorCode::cancelled, "cancelled"},
}};

TEST(ErrorCodes, HaveStableNames) {
  std::set<std::string_view> names;
  for (const auto& [code, name] : kNames) {
    EXPECT_EQ(to_string(code), name);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), kNames.size());
}

TEST(ErrorCodes, WithoutANameAreTheCallersMistake) {
  EXPECT_THROW(to_string(static_cast<ErrorCode>(999)), std::logic_error);
}

TEST(Error, CarriesItsCodeAndMessage) {
  try {
    throw Error(ErrorCode::too_large, "photo.png: 20000 x 20000 pixels");
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "photo.png: 20000 x 20000 pixels");
    const auto* own = dynamic_cast<const Error*>(&error);
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(own->code(), ErrorCode::too_large);
  }
}

TEST(Check, ThrowsALogicErrorThatNamesConditionAndPlace) {
  const int width = 0;
  try {
    LIKENESS_CHECK(width > 0);
    FAIL() << "the check passed";
  } catch (const std::logic_error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("width > 0"), std::string::npos) << message;
    EXPECT_NE(message.find("error_test.cpp:"), std::string::npos) << message;
  }
}

TEST(Check, EvaluatesItsConditionOnceAndPassesWhenItHolds) {
  int evaluated = 0;
  EXPECT_NO_THROW(LIKENESS_CHECK(++evaluated == 1));
  EXPECT_EQ(evaluated, 1);
}

TEST(Check, IsOneStatement) {
  // Between if and else, a macro of two statements would not compile, or would steal the else.
  bool otherwise = false;
  if (otherwise)
    LIKENESS_CHECK(false);
  else
    otherwise = true;
  EXPECT_TRUE(otherwise);
}

}  // namespace
}  // namespace likeness
