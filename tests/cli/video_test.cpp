/// likeness video, as a user calls it.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/image/video.h>
#include <support/tiny_matroska.h>

#include "support/made_files.h"
#include "support/program.h"
#include "support/tiny_disk.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr int kWidth = 96;
constexpr int kHeight = 64;

class VideoCommand : public testing::Test {
 protected:
  void SetUp() override {
    style_ = path("style.png");
    write_image(style_, pattern(80, 60));
    out_ = path("out.mp4");
    // Without ffmpeg, wherever the tests run.
    fs::create_directory(path("bin"));
    surroundings_.environment = {{"PATH", path("bin")}};
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// A pan over a pattern.
  std::string film(const std::string& name, int frames, int width = kWidth,
                   int height = kHeight) const {
    const Image scene = pattern(width + frames, height);
    VideoWriter writer(path(name), {width, height}, 25);
    for (int i = 0; i < frames; ++i) writer.write(crop(scene, i, 0, width, height));
    writer.finish();
    return path(name);
  }
  std::string save(const std::string& name, const Bytes& bytes) const {
    write_file(path(name), bytes);
    return path(name);
  }
  std::vector<std::string> command(const std::string& input, const std::string& output,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"video", input, output, "--style", style_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Outcome run(const std::string& input, const std::vector<std::string>& more = {}) const {
    return run_likeness(command(input, out_, more), surroundings_);
  }

  TemporaryFolder folder_;
  Surroundings surroundings_;
  std::string style_;
  std::string out_;
};

std::vector<Image> frames_of(const std::string& file) {
  VideoReader reader(file);
  std::vector<Image> frames;
  while (auto frame = reader.next()) frames.push_back(std::move(frame->picture));
  return frames;
}

/// Mean absolute difference of samples.
double difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i)
    sum += std::abs(a.pixels()[i] - b.pixels()[i]);
  return sum / static_cast<double>(a.pixels().size());
}

TEST_F(VideoCommand, PaintsEveryFrameAndTellsOfTheSound) {
  const std::string input = film("in.mp4", 12);
  const Outcome outcome = run(input);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "12 frames of 96 x 64")) << outcome.out;
  EXPECT_TRUE(has(outcome.err, "the sound, if there is any, is left out")) << outcome.err;
  const auto painted = frames_of(out_);
  ASSERT_EQ(painted.size(), 12U);
  EXPECT_GT(difference(painted[5], frames_of(input)[5]), 5);
  EXPECT_FALSE(fs::exists(out_ + ".parts"));
}

TEST_F(VideoCommand, JsonSaysWhatWasDone) {
  const Outcome outcome =
      run(film("in.avi", 10), {"--json", "--size", "63", "--start", "0.08", "--duration", "0.2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = json_of(outcome.out);
  EXPECT_EQ(json["frames"], 5);
  EXPECT_EQ(json["width"], 63);
  EXPECT_EQ(json["height"], 42);
  EXPECT_EQ(json["frame_rate"], 25);
  EXPECT_FALSE(json["stopped"].get<bool>());
  EXPECT_GT(json["frames_per_second"].get<double>(), 0);
  EXPECT_TRUE(has(json["notes"].dump(), "odd side")) << json;
  EXPECT_EQ(frames_of(out_).front().width(), 64);
}

TEST_F(VideoCommand, ControlsChangeWhatIsPainted) {
  const std::string input = film("in.mp4", 3);
  ASSERT_EQ(run(input).exit_code, 0);
  const Image plain = frames_of(out_).back();
  const std::vector<std::vector<std::string>> controls = {{"--alpha", "0.3"},
                                                          {"--strength", "1,0.5,0"},
                                                          {"--original-colors"},
                                                          {"--style-scale", "0.3"}};
  for (const auto& control : controls) {
    const Outcome outcome = run(input, control);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_GT(difference(frames_of(out_).back(), plain), 0.5) << control.front();
  }
}

TEST_F(VideoCommand, SharesThatDoNotSumToOneAreScaledAndThatIsSaid) {
  const std::string grey = path("grey.png");
  Image dot(9, 9);
  std::fill(dot.pixels().begin(), dot.pixels().end(), std::uint8_t{90});
  write_image(grey, dot);  // grey, and smaller than what the network sees
  const std::string input = film("in.mp4", 2);
  const Outcome outcome = run(input, {grey, "--blend", "3,1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "shares sum to 4")) << outcome.err;
  const Image one = frames_of(out_).back();
  ASSERT_EQ(run(input, {grey, "--blend", "0.75,0.25"}).exit_code, 0);
  EXPECT_LT(difference(frames_of(out_).back(), one), 0.01);
}

TEST_F(VideoCommand, TheOptimiserPaintsToo) {
  const Outcome outcome =
      run(film("in.mp4", 2), {"--optimise", "--iterations", "2", "--size", "48"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(frames_of(out_).size(), 2U);
}

TEST_F(VideoCommand, AFilmThatBreaksOffIsPaintedAndTheExitCodeSaysSo) {
  std::vector<TimedPicture> frames;
  for (int i = 0; i < 60; ++i) frames.push_back({pattern(32, 32), 40 * i});
  Bytes bytes = MatroskaWriter::film(frames, 32, 32, 25, 2400);
  bytes.resize(bytes.size() / 2);
  const Outcome outcome = run(save("half.mkv", bytes));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "breaks off")) << outcome.err;
  EXPECT_GE(frames_of(out_).size(), 25U);
}

TEST_F(VideoCommand, BadInputIsOneClearLine) {
  const std::string input = film("in.mp4", 2);
  const auto wrong = [&](const std::vector<std::string>& arguments, std::string_view code,
                         std::string_view part) {
    expect_json_error(arguments, code, part, surroundings_);
    EXPECT_FALSE(fs::exists(out_ + ".parts"));
  };
  wrong(command(save("empty.mp4", {}), out_), "corrupt_file", "is empty");
  wrong(command(save("text.mp4", Bytes(999, 'x')), out_), "corrupt_file", "not a film");
  wrong(command(path("none.mp4"), out_), "not_found", "none.mp4");
  wrong(command(input, path("out.gif")), "invalid_argument", ".mp4, .mov, .mkv");
  wrong(command(input, input), "invalid_argument", "overwrite");
  wrong(command(input, out_, {"--blend", "1,2"}), "invalid_argument", "--blend");
  wrong(command(input, out_, {"--start", "9"}), "invalid_argument", "ends before");
  wrong(command(input, out_, {"--start", "abc"}), "invalid_argument", "--start");
  wrong(command(input, out_, {"--fast", "--optimise"}), "invalid_argument", "choose one");
  wrong({"video", input, out_, "--style", path("none.png")}, "not_found", "none.png");
  wrong({"video", input, "--style", style_}, "invalid_argument", "IN OUT");
  surroundings_.environment["DISPLAY"] = "";
  surroundings_.environment["WAYLAND_DISPLAY"] = "";
  wrong(command(input, out_, {"--window"}), "unavailable", "display");
  wrong({"video", "--camera", "0", "--window", "--style", style_}, "unavailable", "display");
}

TEST_F(VideoCommand, CtrlCKeepsWhatIsPaintedAndResumeGoesOnTheSame) {
  const std::string input = film("in.mkv", 400);
  RunningProgram program(command(input, out_), surroundings_);
  wait_until([&] { return fs::exists(out_ + ".parts/film.json"); });  // a part is finished
  ::kill(program.id(), SIGINT);
  const Outcome stopped = program.wait();
  ASSERT_EQ(stopped.exit_code, 130) << stopped.err << stopped.out;
  EXPECT_TRUE(has(stopped.out, "--resume")) << stopped.out;
  EXPECT_FALSE(fs::exists(out_));

  expect_json_error(command(input, out_, {"--resume", "--alpha", "0.5"}), "invalid_argument",
                    "other options", surroundings_);
  const Outcome resumed = run(input, {"--resume", "--json"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_GE(json_of(resumed.out)["resumed_from"].get<int>(), 250);
  EXPECT_FALSE(fs::exists(out_ + ".parts"));
  const auto after = frames_of(out_);
  ASSERT_EQ(run(input).exit_code, 0);
  const auto whole = frames_of(out_);
  ASSERT_EQ(after.size(), 400U);
  ASSERT_EQ(whole.size(), 400U);
  // Both were encoded with losses, one of them twice.
  std::size_t nearest = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_LT(difference(after[i], whole[i]), 6) << i;
    if (i + 20 < whole.size() &&
        difference(after[i], whole[i]) < difference(after[i], whole[i + 20]))
      ++nearest;
  }
  EXPECT_GT(nearest, 370U) << "frames are in their places";
}

TEST_F(VideoCommand, AFullDiskIsAnErrorThatLeavesNothingBehind) {
  const TinyDisk disk;
  if (!disk.error().empty()) GTEST_SKIP() << disk.error();
  const std::string output = (disk.path() / "out.avi").string();
  const Outcome outcome =
      run_likeness(command(film("in.mp4", 60, 256, 192), output), surroundings_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(has(outcome.err, "is the disk full?") || has(outcome.err, "No space left on device"))
      << outcome.err;
  EXPECT_TRUE(fs::is_empty(disk.path()));
}

/// A program in place of ffmpeg that writes down how it was called and makes the file.
TEST_F(VideoCommand, FfmpegJoinsThePartsWithTheSoundOfIn) {
  const std::string log = path("called.txt");
  const std::string script = "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" + log +
                             "'\nfor last; do :; done\n/bin/cp '" + path("in.mp4") +
                             "' \"${last#file:}\"\n";
  write_file(path("bin/ffmpeg"), script);
  fs::permissions(path("bin/ffmpeg"), fs::perms::owner_all);
  const std::string odd = path("it's $(odd).mp4");
  fs::copy_file(film("in.mp4", 3), odd);
  const Outcome outcome = run(odd, {"--start", "0.04"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_FALSE(has(outcome.err, "sound")) << outcome.err;
  const Bytes bytes = read_file(log, 1 << 16);
  const std::string called(bytes.begin(), bytes.end());
  EXPECT_TRUE(has(called, "-i\nfile:" + odd + "\n")) << called;
  EXPECT_TRUE(has(called, "-ss\n0.04")) << called;
  EXPECT_TRUE(has(called, "1:a?\n-c\ncopy\n")) << called;
  EXPECT_EQ(frames_of(out_).size(), 3U);
}

}  // namespace
}  // namespace likeness
