#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

std::string base64_of(const std::string& text) {
  return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
}

TEST(ReportText, Base64MatchesTheStandardsExamples) {  // RFC 4648, section 10
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foo"), "Zm9v");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_of("\xfb\xff\xfe"), "+//+");
}

TEST(ReportText, EscapedTextCannotLeaveItsPlace) {
  EXPECT_EQ(escaped("<a href='x' id=\"y\">&é"),
            "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;é");
}

TEST(ReportText, NumbersHaveTheDigitsAskedFor) {
  EXPECT_EQ(fixed(0.41249, 3), "0.412");
  EXPECT_EQ(fixed(-2, 1), "-2.0");
  EXPECT_EQ(percent(0.99349, 2), "99.35 %");
}

}  // namespace
}  // namespace likeness
