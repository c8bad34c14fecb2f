/// likeness style --fast and --grid, as a user calls them.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <nlohmann/json.hpp>

#include "support/made_files.h"
#include "support/program.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class FastStyle : public testing::Test {
 protected:
  void SetUp() override {
    content_ = save("content.png", pattern(96, 64));
    style_ = save("style.png", mirror(resize(pattern(90, 31), 60, 50)));
    other_ = save("other.png", resize(pattern(20, 90), 64, 64));
    out_ = path("out.png");
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string save(const std::string& name, const Image& image) const {
    write_image(path(name), image);
    return path(name);
  }
  Outcome run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"style"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--cache", path("cache")});
    return run_likeness(all);
  }
  Image paint(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {content_, style_, "-o", out_, "--fast"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return read_image(out_);
  }

  TemporaryFolder folder_;
  std::string content_;
  std::string style_;
  std::string other_;
  std::string out_;
};

TEST_F(FastStyle, PaintsInOnePass) {
  const Outcome outcome = run({content_, style_, "-o", out_, "--fast"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("96 x 64 pixels in one pass"), std::string::npos) << outcome.out;
  EXPECT_NE(read_image(out_), read_image(content_));
}

TEST_F(FastStyle, JsonTellsWhatItDid) {
  const Outcome outcome = run({content_, style_, "-o", out_, "--fast", "--size", "48", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("width"), 48);
  EXPECT_EQ(json.at("height"), 32);
  EXPECT_EQ(json.at("tile"), 0);
  EXPECT_GT(json.at("seconds"), 0);
}

TEST_F(FastStyle, ControlsChangeThePicture) {
  const Image plain = paint();
  EXPECT_EQ(paint(), plain) << "the same twice";
  EXPECT_NE(paint({"--alpha", "0.4"}), plain);
  EXPECT_NE(paint({"--strength", "1,1,0.2"}), plain);
  EXPECT_NE(paint({"--original-colors"}), plain);
  EXPECT_NE(paint({"--style-scale", "0.5"}), plain);
}

TEST_F(FastStyle, SeveralStylesAreMixedAndTheSumIsSaid) {
  const Outcome outcome = run({content_, style_, other_, "--blend", "1,3", "-o", out_, "--fast"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("sum to 4"), std::string::npos) << outcome.err;
}

TEST_F(FastStyle, RefinementGoesOnFromThere) {
  const Outcome outcome = run({content_, style_, "-o", out_, "--fast", "--refine", "5", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json refined = Json::parse(outcome.out).at("refined");
  EXPECT_EQ(refined.at("iterations"), 5);
  const Outcome fewer = run({content_, style_, "-o", out_, "--fast", "--refine", "1", "--json"});
  EXPECT_LT(refined.at("total_loss"), Json::parse(fewer.out).at("refined").at("total_loss"));
}

TEST_F(FastStyle, ThePrecisionIsAChoice) {
  for (const char* precision : {"f32", "bf16", "auto"})
    EXPECT_EQ(run({content_, style_, "-o", out_, "--fast", "--precision", precision}).exit_code, 0)
        << precision;
  const Outcome wrong = run({content_, style_, "-o", out_, "--fast", "--precision", "f64"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("use auto, f32 or bf16"), std::string::npos) << wrong.err;
}

TEST_F(FastStyle, RefusesOptionsThatDoNothing) {
  const Outcome descent = run({content_, style_, "-o", out_, "--fast", "--iterations", "9"});
  EXPECT_EQ(descent.exit_code, 2);
  EXPECT_NE(descent.err.find("--iterations"), std::string::npos) << descent.err;
  EXPECT_EQ(run({content_, style_, "-o", out_, "--alpha", "0.5"}).exit_code, 2);
  EXPECT_EQ(run({content_, style_, "-o", out_, "--fast", "--alpha", "2"}).exit_code, 2);
  EXPECT_EQ(run({content_, style_, "-o", out_, "--fast", "--strength", "1,2"}).exit_code, 2);
  EXPECT_EQ(run({content_, style_, "-o", out_, "--fast", "--painter", path("no")}).exit_code, 2);
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(FastStyle, GridPaintsAllInAllAndGoesOnAfterABadFile) {
  fs::create_directory(path("photos"));
  fs::copy(content_, path("photos/one.png"));
  fs::copy(other_, path("photos/two.png"));
  const std::string text = "no picture";
  write_file(path("photos/broken.png"), text);
  const Outcome outcome =
      run({path("photos"), style_, other_, "-o", path("all"), "--grid", "--fast", "--json"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("pictures").size(), 4U);
  ASSERT_EQ(json.at("failed").size(), 1U);
  EXPECT_NE(json.at("failed")[0].at("path").get<std::string>().find("broken.png"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(path("all/one__style.png")));
  EXPECT_TRUE(fs::exists(path("all/two__other.png")));
  EXPECT_GT(read_image(path("all/contact_sheet.jpg")).width(), 3 * 192);
  EXPECT_EQ(run({path("photos"), style_, "-o", path("all"), "--grid", "--blend", "1"}).exit_code,
            2);
}

}  // namespace
}  // namespace likeness
