/// likeness cluster: who is in these photos, though nobody has named them?

#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>

#include "support/encodings.h"
#include "support/face_photos.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Below the default of duo, at which two of the women are taken for two others.
constexpr const char* kStrict = "0.25";

/// Ten women with two pictures each.
class Cluster : public RealFaces {
 protected:
  void SetUp() override {
    RealFaces::SetUp();
    if (IsSkipped()) return;
    people_folder("people");
    fs::remove_all(file("people/woman3"));  // Anna again
    fs::remove_all(file("people/woman6"));  // Carla again
  }
  Arguments command(const Arguments& more = {}, const char* threshold = kStrict) const {
    Arguments arguments = {"cluster", file("people"), "--threshold", threshold};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Cluster, FindsThePeople) {
  write_file(file("people/broken.jpg"), "no picture");
  const Outcome outcome = run_likeness(command({"--json", "--report", file("people.html")}));
  EXPECT_EQ(outcome.exit_code, 1) << "one file was skipped";
  const Json result = json_of(outcome.out);
  EXPECT_EQ(result.at("photos"), 20);
  EXPECT_EQ(result.at("skipped").size(), 1U);
  EXPECT_EQ(result.at("groups").size(), 10U);
  for (const Json& group : result.at("groups")) {
    std::set<fs::path> people;
    for (const Json& face : group.at("faces"))
      people.insert(fs::path(face.at("path").get<std::string>()).parent_path());
    EXPECT_EQ(people.size(), 1U) << group;
    EXPECT_EQ(group.at("faces").size(), 2U) << group;
  }
  const std::string page = text_of(file("people.html"));
  EXPECT_NE(page.find("src=\"data:image/"), std::string::npos);
  EXPECT_NE(page.find("Person 10: 2 photos"), std::string::npos);
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
}

TEST_F(Cluster, ThresholdAndSmallestSizeDecide) {
  const Outcome nobody = run_likeness(command({"--json"}, "0"));
  EXPECT_EQ(json_of(nobody.out).at("groups").size(), 0U);
  EXPECT_EQ(json_of(nobody.out).at("left_out"), json_of(nobody.out).at("faces"));
  const Outcome all = run_likeness(command({"--json"}, "4"));
  EXPECT_EQ(json_of(all.out).at("groups").size(), 1U);
  const Outcome alone = run_likeness(command({"--min-size", "1", "--json"}, "0"));
  EXPECT_EQ(json_of(alone.out).at("groups").size(),
            json_of(alone.out).at("faces").get<std::size_t>());
}

TEST_F(Cluster, SortsPhotosIntoFoldersAndOverwritesNothing) {
  const Outcome linked =
      run_likeness(command({"--out", file("out"), "--report", file("sheet.png")}));
  EXPECT_EQ(linked.exit_code, 0) << linked.err;
  EXPECT_NE(linked.out.find("person 1: 2 photos\n"), std::string::npos) << linked.out;
  EXPECT_GT(read_image(file("sheet.png")).height(), 10 * 112);
  const fs::path first = file("out/person-001/1.jpg");
  ASSERT_TRUE(fs::is_symlink(first));
  EXPECT_TRUE(fs::read_symlink(first).is_relative());
  EXPECT_EQ(fs::canonical(first), fs::canonical(file("people/woman0/1.jpg")));
  expect_json_error(command({"--out", file("out")}), "already_exists", "not an empty folder");

  const Outcome copied =
      run_likeness(command({"--out", file("copies"), "--copy"}, "4"));  // twenty of two names
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(file("copies/person-001/1-10.jpg"))));
  EXPECT_EQ(text_of(file("copies/person-001/1-2.jpg")), text_of(file("people/woman1/1.jpg")));
}

TEST_F(Cluster, RefusesWhatCannotBe) {
  expect_json_error(command({"--copy"}), "invalid_argument", "--out");
  expect_json_error(command({}, "5"), "invalid_argument", "[0, 4]");
  expect_json_error(command({"--report", file("sheet.txt")}), "invalid_argument", ".html");
}

}  // namespace
}  // namespace likeness
