/// likeness style, as a user calls it.

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

#include "support/made_files.h"
#include "support/program.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

class StyleCommand : public testing::Test {
 protected:
  void SetUp() override {
    content_ = save("content.png", pattern(64, 48));
    style_ = save("style.png", mirror(resize(pattern(90, 31), 50, 40)));
    out_ = path("out.png");
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string save(const std::string& name, const Image& image) const {
    write_image(path(name), image);
    return path(name);
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {},
                                   const std::string& iterations = "4") const {
    std::vector<std::string> arguments = {"style", content_, style_, "-o", out_};
    arguments.insert(arguments.end(), {"--iterations", iterations, "--cache", path("cache")});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Image paint(const std::vector<std::string>& more = {}) const {
    const Outcome outcome = run_likeness(command(more));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return read_image(out_);
  }

  TemporaryFolder folder_;
  std::string content_;
  std::string style_;
  std::string out_;
};

TEST_F(StyleCommand, PaintsAndTellsWhatItDid) {
  const Outcome outcome = run_likeness(command());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("64 x 48 pixels, 4 iterations"), std::string::npos) << outcome.out;
  const Image painted = read_image(out_);
  EXPECT_EQ(painted.width(), 64);
  EXPECT_EQ(painted.height(), 48);
  EXPECT_NE(painted, read_image(content_));
}

TEST_F(StyleCommand, JsonHasTheFiguresThatScriptsRead) {
  const Outcome outcome = run_likeness(command({"--json"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = json_of(outcome.out);
  EXPECT_EQ(json["iterations"], 4);
  EXPECT_EQ(json["width"], 64);
  EXPECT_EQ(json["height"], 48);
  EXPECT_GT(json["seconds"].get<double>(), 0);
  EXPECT_GT(json["peak_memory_mb"].get<double>(), 50);
  EXPECT_NEAR(json["total_loss"].get<double>(),
              json["content_loss"].get<double>() + 30 * json["style_loss"].get<double>(), 1e-3);
  EXPECT_FALSE(json["stopped"].get<bool>());
}

TEST_F(StyleCommand, TheSameSeedGivesTheSameFile) {
  paint({"--init", "noise", "--seed", "7"});
  const Bytes one = read_file(out_, 1 << 20);
  paint({"--init", "noise", "--seed", "7"});
  EXPECT_EQ(read_file(out_, 1 << 20), one);
  paint({"--init", "noise", "--seed", "8"});
  EXPECT_NE(read_file(out_, 1 << 20), one);
}

TEST_F(StyleCommand, EachControlChangesThePicture) {
  const Image plain = paint();
  const std::vector<std::vector<std::string>> controls = {
      {"--style-weight", "300"},
      {"--content-weight", "20"},
      {"--tv-weight", "50"},
      {"--layers", "relu1_1,relu2_1=0.5"},
      {"--content-layers", "relu2_1"},
      {"--style-scale", "0.5"},
      {"--original-colors"},
      {"--original-colors", "match"},
      {"--style-loss", "mean-std"},
      {"--style-loss", "covariance"},
      {"--style-loss", "wasserstein"},
      {"--style-loss", "sliced"},
      {"--gram-scale", "neural-style"},
      {"--optimizer", "adam"},
      {"--init", style_},
      {"--pooling", "average"},
  };
  for (const auto& control : controls) EXPECT_NE(paint(control), plain) << control.back();
  EXPECT_EQ(paint({"--size", "96"}).width(), 96);
}

TEST_F(StyleCommand, BlendsStylesAndKeepsThemInTheirRegions) {
  const std::string other = save("other.png", resize(pattern(10, 60), 40, 40));
  Image left(64, 48);
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 32; ++x) std::fill_n(left.row(y) + 3 * x, 3, std::uint8_t{255});
  const std::string mask = save("mask.png", left);
  const auto two = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = command(more);
    arguments.insert(arguments.begin() + 3, other);
    EXPECT_EQ(run_likeness(arguments).exit_code, 0);
    return read_image(out_);
  };
  const Image even = two({});
  EXPECT_NE(two({"--blend", "0.9,0.1"}), even);
  EXPECT_EQ(two({"--blend", "2,2"}), even);
  EXPECT_NE(two({"--mask", mask + ",all"}), even);
  EXPECT_NE(two({"--style-mask", mask + ",all"}), even);
  expect_json_error(command({"--blend", "0.3,0.7"}), "invalid_argument", "2 given for 1 styles");
  expect_json_error(command({"--mask", save("black.png", Image(8, 8))}), "invalid_argument",
                    "black.png");
}

TEST_F(StyleCommand, CtrlCKeepsThePictureAndResumeGoesOn) {
  std::vector<std::string> arguments = command({}, "60");
  ASSERT_EQ(run_likeness(arguments).exit_code, 0);
  const Image straight = read_image(out_);
  fs::remove(out_);
  std::vector<std::string> with_previews = arguments;
  with_previews.insert(with_previews.end(), {"--preview-every", "2"});
  RunningProgram program(with_previews);
  wait_until([&] { return fs::exists(out_); });
  ::kill(program.id(), SIGINT);
  const Outcome stopped = program.wait();
  if (stopped.exit_code == 0) GTEST_SKIP() << "painted before it could be stopped";
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_NE(stopped.out.find("--resume"), std::string::npos) << stopped.out;
  EXPECT_EQ(read_image(out_).width(), 64);
  arguments.push_back("--resume");
  ASSERT_EQ(run_likeness(arguments).exit_code, 0);
  EXPECT_EQ(read_image(out_), straight);
  EXPECT_FALSE(fs::exists(out_ + ".state"));
}

TEST_F(StyleCommand, KeepsAlphaAndTurnsPhotosUpright) {
  content_ = save("alpha.png", with_alpha(pattern(40, 30)));
  EXPECT_TRUE(paint().has_alpha());
  const Image upright = pattern(40, 30);
  write_file(path("turned.jpg"),
             with_exif_orientation(
                 encode_image(stored_with_orientation(upright, 6), ImageFormat::jpeg), 6));
  content_ = path("turned.jpg");
  EXPECT_EQ(paint().width(), 40);
  Image clear(20, 20, 4);
  content_ = save("clear.png", clear);
  expect_json_error(command(), "invalid_argument", "transparent");
}

TEST_F(StyleCommand, PaintsPicturesOfAnyShape) {
  for (const auto& [width, height] : {std::pair{1, 1}, {8, 8}, {200, 4}}) {
    content_ = save("small.png", pattern(width, height));
    EXPECT_EQ(paint().width(), width);
  }
  content_ = save("content.png", pattern(64, 48));
  style_ = save("black.png", Image(32, 32));
  paint();
  style_ = content_;
  EXPECT_EQ(paint(), read_image(content_));
}

TEST_F(StyleCommand, RefusesBadInputBeforeTheWork) {
  expect_json_error({"style", content_, style_, "-o", "/no/such/folder/out.png"}, "write_failed",
                    "/no/such/folder");
  expect_json_error({"style", content_, style_, "-o", content_}, "invalid_argument", "overwrite");
  expect_json_error({"style", content_, style_, "-o", path("out.xyz")}, "invalid_argument", ".xyz");
  expect_json_error({"style", path("none.png"), style_, "-o", out_}, "not_found", "none.png");
  expect_json_error(command({"--style-weight", "-2"}), "invalid_argument", "-2");
  expect_json_error(command({"--layers", "conv9"}), "invalid_argument", "conv9");
  expect_json_error(command({"--layers", "relu5_1"}), "invalid_argument", "relu5_1");
  expect_json_error(command({"--time-budget", "soon"}), "invalid_argument", "soon");
  expect_json_error(command({"--memory", "4X"}), "invalid_argument", "4X");
  expect_json_error(command({"--size", "9000", "--memory", "60M"}), "too_large",
                    "longest side that fits");
  expect_json_error(command({"--views", "5"}), "invalid_argument", "5");
  expect_json_error(command({"--style-loss", "magic"}), "invalid_argument", "magic");
  expect_json_error(command({"--precision", "f64"}), "invalid_argument", "f64");
  expect_json_error(command({"--resume"}), "not_found", "out.png.state");
}

TEST_F(StyleCommand, SaysWhatANetworkLacks) {
  expect_json_error(command({"--perceptual", "vgg19"}), "missing_model", "--weights");
  expect_json_error(command({"--weights", path("w.safetensors")}), "invalid_argument",
                    "--perceptual vgg19");
  write_file(path("w.safetensors"), "nonsense");
  expect_json_error(command({"--perceptual", "vgg19", "--weights", path("w.safetensors")}),
                    "corrupt_file", "w.safetensors");
  expect_json_error(command({"--perceptual", folder_.path().string()}), "not_found",
                    "no model in this folder");
}

}  // namespace
}  // namespace likeness
