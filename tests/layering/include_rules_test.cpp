/// The checker itself: small trees with one fault each must be reported, sound ones must not.

#include "layering/include_rules.h"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace likeness::layering {
namespace {

/// A project of one file.
std::vector<std::string> broken_rules_of(const std::string& file, const std::string& text) {
  const TemporaryFolder root;
  std::filesystem::create_directories((root.path() / file).parent_path());
  std::filesystem::create_directories(root.path() / "src/image");
  std::ofstream(root.path() / "src/image/exif.h") << "#pragma once\n";
  std::ofstream(root.path() / file) << text;
  return broken_rules(root.path());
}

using Lines = std::vector<std::string>;

TEST(IncludeRules, IncludingARoomToTheLeftIsFine) {
  EXPECT_EQ(broken_rules_of("src/faces/a.cpp", "#include <likeness/image/image.h>\n"), Lines());
  EXPECT_EQ(broken_rules_of("src/gallery/a.cpp", "#include <likeness/faces/face.h>\n"), Lines());
  EXPECT_EQ(broken_rules_of("apps/likeness/a.cpp", "#include <likeness/serve/http.h>\n"), Lines());
}

TEST(IncludeRules, IncludingARoomToTheRightIsReportedWithItsLine) {
  EXPECT_EQ(broken_rules_of("src/image/a.cpp", "\n#include <likeness/model/store.h>\n"),
            Lines{"src/image/a.cpp:2: image must not include model (<likeness/model/store.h>)"});
  EXPECT_EQ(broken_rules_of("src/faces/a.cpp", "#include <likeness/gallery/gallery.h>\n").size(),
            1U);
}

TEST(IncludeRules, PublicHeadersAndTestsFollowTheSameOrder) {
  EXPECT_EQ(broken_rules_of("include/likeness/net/a.h",
                            "#pragma once\n#include <likeness/faces/face.h>\n")
                .size(),
            1U);
  EXPECT_EQ(broken_rules_of("tests/net/a_test.cpp", "#include <likeness/faces/face.h>\n").size(),
            1U);
}

TEST(IncludeRules, RoomsInsideOneBraceDoNotMeet) {
  EXPECT_EQ(broken_rules_of("src/style/a.cpp", "#include <likeness/faces/face.h>\n").size(), 1U);
  EXPECT_EQ(broken_rules_of("src/faces/a.cpp", "#include <likeness/style/gram.h>\n").size(), 1U);
  EXPECT_EQ(broken_rules_of("src/serve/a.cpp", "#include <likeness/train/loss.h>\n").size(), 1U);
  EXPECT_EQ(broken_rules_of("src/train/a.cpp", "#include <likeness/serve/http.h>\n").size(), 1U);
}

TEST(IncludeRules, PrivateHeadersBelongToTheirRoomAndItsTests) {
  EXPECT_EQ(broken_rules_of("src/image/a.cpp", "#include \"exif.h\"\n"), Lines());
  EXPECT_EQ(broken_rules_of("tests/image/a_test.cpp", "#include \"image/exif.h\"\n"), Lines());
  EXPECT_EQ(broken_rules_of("src/faces/a.cpp", "#include \"image/exif.h\"\n"),
            Lines{"src/faces/a.cpp:1: \"image/exif.h\" is private to image"});
  EXPECT_EQ(broken_rules_of("apps/likeness/a.cpp", "#include \"../../src/image/exif.h\"\n").size(),
            1U);
}

TEST(IncludeRules, PublicHeadersShowNoOtherLibrary) {
  const auto with = [](const std::string& name) {
    return broken_rules_of("include/likeness/image/a.h", "#pragma once\n#include " + name + "\n");
  };
  EXPECT_EQ(with("<vector>"), Lines());
  EXPECT_EQ(with("<torch/types.h>"), Lines());
  EXPECT_EQ(with("<opencv2/core.hpp>").size(), 1U);
  EXPECT_EQ(with("<nlohmann/json.hpp>").size(), 1U);
  EXPECT_EQ(with("<sodium.h>").size(), 1U);
  EXPECT_EQ(with("<torch/torch.h>").size(), 1U);
  EXPECT_EQ(with("\"image/exif.h\"").size(), 1U);
}

TEST(IncludeRules, HeadersNeedAPragmaOnceAndARoom) {
  EXPECT_EQ(broken_rules_of("src/image/a.h", "int a();\n"),
            Lines{"src/image/a.h:1: has no #pragma once"});
  EXPECT_EQ(broken_rules_of("include/likeness/a.h", "#pragma once\n").size(), 1U);
  EXPECT_EQ(broken_rules_of("src/attic/a.cpp", "\n").size(), 1U);
}

TEST(UncompiledSources, AreThoseThatTheCompileCommandsDoNotName) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "tests/net");
  for (const char* file : {"tests/net/a_test.cpp", "tests/net/forgotten.cpp", "tests/net/b.h"})
    std::ofstream(root.path() / file) << "\n";
  const std::string built = (root.path() / "tests/net/a_test.cpp").string();
  EXPECT_EQ(uncompiled_sources(root.path(), "{\"file\": \"" + built + "\"}"),
            Lines{"tests/net/forgotten.cpp"});
  EXPECT_EQ(uncompiled_sources(root.path(), "#include \"" + built + "\"\n"),
            Lines{"tests/net/forgotten.cpp"});
}

TEST(FindIncludes, ReadsBothFormsAndSkipsComments) {
  const auto found =
      find_includes("// #include <a>\n  # include <b/c.h>  // why\n#include \"d.h\"");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].line, 2);
  EXPECT_EQ(found[0].name, "b/c.h");
  EXPECT_TRUE(found[0].angle);
  EXPECT_EQ(found[1].name, "d.h");
  EXPECT_FALSE(found[1].angle);
}

}  // namespace
}  // namespace likeness::layering
