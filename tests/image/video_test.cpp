#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/video.h>

#include "support/drawn_picture.h"
#include "support/environment.h"
#include "support/error_code.h"
#include "support/temporary_folder.h"
#include "support/tiny_matroska.h"

namespace likeness {
namespace {

/// A plain colour that tells which frame it is.
Image plain(int number, int width, int height) {
  Image image(width, height);
  for (int i = 0; i < width * height; ++i) {
    image.pixels()[3 * i] = static_cast<std::uint8_t>(10 * number);
    image.pixels()[3 * i + 1] = 60;
    image.pixels()[3 * i + 2] = static_cast<std::uint8_t>(200 - 5 * number);
  }
  return image;
}

int number_of(const Image& frame) {
  const auto pixel = frame.at(frame.width() / 2, frame.height() / 2);
  return static_cast<int>(std::lround(pixel[0] / 10.0));
}

class Video : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, int frames, int width = 64, int height = 48) const {
    VideoWriter writer(path(name), {width, height}, 25);
    for (int i = 0; i < frames; ++i) writer.write(plain(i, width, height));
    writer.finish();
    return path(name);
  }
  std::string save(const std::string& name, const Bytes& bytes) const {
    write_file(path(name), bytes);
    return path(name);
  }
  std::vector<int> numbers(const std::string& file, const FilmSpan& span = {}) const {
    SteadyFilm film(file, span);
    std::vector<int> numbers;
    while (const SteadyFrame* frame = film.next()) numbers.push_back(number_of(frame->picture));
    return numbers;
  }

  TemporaryFolder folder_;
};

std::vector<TimedPicture> timed(const std::vector<int>& times) {
  std::vector<TimedPicture> frames;
  for (const int time : times)
    frames.push_back({plain(static_cast<int>(frames.size()), 32, 32), time});
  return frames;
}

std::vector<int> counted(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

TEST_F(Video, ComesBackAsItWasWrittenInEveryFormat) {
  for (const char* name : {"a.mp4", "a.mov", "a.mkv", "a.avi", "A.MP4"}) {
    VideoReader reader(write(name, 12));
    EXPECT_EQ(reader.info().width, 64) << name;
    EXPECT_EQ(reader.info().height, 48) << name;
    EXPECT_NEAR(reader.info().frame_rate, 25, 0.01) << name;
    EXPECT_EQ(reader.info().frames, 12) << name;
    int count = 0;
    while (const auto frame = reader.next()) {
      EXPECT_EQ(number_of(frame->picture), count) << name;
      EXPECT_NEAR(frame->picture.at(9, 9)[2], 200 - 5 * count, 12) << name << ": blue";
      EXPECT_NEAR(frame->time, count / 25.0, 2e-3) << name;
      ++count;
    }
    EXPECT_EQ(count, 12) << name;
    EXPECT_FALSE(reader.cut_off()) << name;
  }
}

TEST_F(Video, AnOddSideGainsARowOrColumn) {
  VideoReader reader(write("odd.mp4", 3, 63, 47));
  EXPECT_EQ(reader.info().width, 64);
  EXPECT_EQ(reader.info().height, 48);
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_NEAR(frame->picture.at(63, 47)[2], 200, 12) << "not black";
}

TEST_F(Video, IsTurnedUprightAsItsContainerSays) {
  VideoWriter writer(path("turned.mp4"), {64, 32}, 25);
  Image wide = plain(3, 64, 32);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) wide.row(y)[3 * x] = 255;  // the left half is red
  for (int i = 0; i < 3; ++i) writer.write(wide);
  writer.finish();
  Bytes bytes = read_file(path("turned.mp4"), 1 << 20);
  const std::string_view name = "tkhd";
  const auto box = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  ASSERT_NE(box, bytes.end());
  // The matrix of a quarter turn clockwise.
  const std::int32_t turn[9] = {0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30};
  for (int i = 0; i < 9; ++i)
    for (int byte = 0; byte < 4; ++byte)
      box[44 + 4 * i + byte] = static_cast<std::uint8_t>(turn[i] >> (24 - 8 * byte));
  VideoReader reader(save("turned.mp4", bytes));
  EXPECT_EQ(reader.info().width, 32);
  EXPECT_EQ(reader.info().height, 64);
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_GT(frame->picture.at(16, 10)[0], 200) << "the left half is above";
  EXPECT_LT(frame->picture.at(16, 54)[0], 80);
}

TEST_F(Video, VaryingDistancesBecomeAConstantRate) {
  // Ten a second: frame 1 is shown for three times as long, 3 is too short to be seen.
  const std::string file = save(
      "varying.mkv", MatroskaWriter::film(timed({0, 100, 400, 460, 500, 600}), 32, 32, 10, 700));
  EXPECT_EQ(numbers(file), (std::vector<int>{0, 1, 1, 1, 2, 4, 5}));
  SteadyFilm film(file);
  while (film.next() != nullptr) {
  }
  EXPECT_EQ(film.repeated(), 2);
  EXPECT_EQ(film.dropped(), 1);
  EXPECT_FALSE(film.cut_off());
}

TEST_F(Video, TimesThatJumpOrGoBackCountAsOneFrame) {
  const std::string file =
      save("jumps.mkv",
           MatroskaWriter::film(timed({0, 100, 500'000'000, 500'000'100, 50}), 32, 32, 10, 500));
  EXPECT_EQ(numbers(file), counted(5));
}

TEST_F(Video, APartIsCutOutByTime) {
  const std::string file = write("long.mp4", 20);
  EXPECT_EQ(numbers(file, {.start = 0.2, .duration = 0.16}), (std::vector<int>{5, 6, 7, 8}));
  EXPECT_EQ(SteadyFilm(file, {.start = 0.2, .duration = 0.16}).expected_frames(), 4);
  EXPECT_EQ(numbers(file, {.start = 0.72}), (std::vector<int>{18, 19}));
  EXPECT_EQ(code_of([&] { SteadyFilm(file, {.start = 5}); }), ErrorCode::invalid_argument);
}

TEST_F(Video, AFilmThatBreaksOffGivesWhatItHas) {
  std::vector<int> times;
  for (int i = 0; i < 40; ++i) times.push_back(40 * i);
  Bytes bytes = MatroskaWriter::film(timed(times), 32, 32, 25, 1600);
  bytes.resize(bytes.size() / 2);
  SteadyFilm film(save("half.mkv", bytes));
  int count = 0;
  while (film.next() != nullptr) ++count;
  EXPECT_GE(count, 15);
  EXPECT_LT(count, 25);
  EXPECT_TRUE(film.cut_off());
}

TEST_F(Video, SaysWhatIsWrongWithAFile) {
  const auto opened = [](const std::string& file) { return [file] { VideoReader reader(file); }; };
  EXPECT_EQ(code_of(opened(path("none.mp4"))), ErrorCode::not_found);
  EXPECT_EQ(code_of(opened(folder_.path().string())), ErrorCode::unreadable);
  EXPECT_EQ(code_of(opened(save("empty.mp4", {}))), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of(opened(save("text.mp4", Bytes(5000, 'x')))), ErrorCode::corrupt_file);
  EXPECT_EQ(code_of(opened(save("bare.mkv", MatroskaWriter::film({}, 32, 32, 25, 0)))),
            ErrorCode::corrupt_file);
  Bytes bytes = read_file(write("whole.mp4", 20), 1 << 20);
  bytes.resize(bytes.size() / 2);  // the index lies at the end
  EXPECT_EQ(code_of(opened(save("noindex.mp4", bytes))), ErrorCode::corrupt_file);
}

TEST_F(Video, OnlyKnownEndingsAreWritten) {
  EXPECT_EQ(code_of([&] { check_video_ending(path("film.gif")); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { check_video_ending(path("film")); }), ErrorCode::invalid_argument);
  check_video_ending(path("film.WebM"));
}

TEST_F(Video, WritingWhereNothingCanBeWrittenIsAnError) {
  EXPECT_EQ(code_of([&] {
              VideoWriter(path("missing/film.mp4"), {64, 48}, 25);
            }),
            ErrorCode::write_failed);
}

TEST_F(Video, WithoutADisplayAWindowIsAnError) {
  const ScopedEnvironment x11("DISPLAY", std::nullopt);
  const ScopedEnvironment wayland("WAYLAND_DISPLAY", std::nullopt);
  EXPECT_EQ(code_of([] { show_in_window("film", plain(1, 8, 8)); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace likeness
