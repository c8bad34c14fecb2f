#include "console_progress.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "support/program.h"

namespace likeness::cli {
namespace {

using Style = ConsoleProgress::Style;

/// What `work` makes of a progress in this style.
template <class Work>
std::string shown(Style style, const Work& work) {
  testing::internal::CaptureStderr();
  {
    ConsoleProgress progress(style);
    work(progress);
  }
  return testing::internal::GetCapturedStderr();
}

void wait_past_the_first_half_second() {
  std::this_thread::sleep_for(std::chrono::milliseconds(550));
}

TEST(ConsoleProgress, ABarShowsCountRateAndTheTimeThatIsLeft) {
  const std::string text = shown(Style::bar, [](ConsoleProgress& progress) {
    progress.begin("Encoding faces", 400);
    wait_past_the_first_half_second();
    progress.update(100);
    progress.update(101);  // too soon to be drawn
    progress.end();
  });
  EXPECT_TRUE(has(text, "\r[")) << text;
  EXPECT_TRUE(has(text, "###")) << text;
  EXPECT_TRUE(has(text, "Encoding faces: 100/400, ")) << text;
  EXPECT_TRUE(has(text, " s left")) << text;
  EXPECT_TRUE(has(text, "\rEncoding faces: 101/400, ")) << "the last line has no bar: " << text;
  EXPECT_TRUE(text.ends_with(" s\033[K\n")) << text;
}

TEST(ConsoleProgress, WhatAnEarlierCallDidIsNoPartOfTheRate) {
  const std::string text = shown(Style::bar, [](ConsoleProgress& progress) {
    progress.begin("training", 2000);
    progress.resume(1000);
    wait_past_the_first_half_second();
    progress.update(1001);
    progress.end();
  });
  const std::string counts = "training: 1001/2000, ";
  const auto found = text.rfind(counts);
  ASSERT_NE(found, std::string::npos) << text;
  EXPECT_LT(std::stod(text.substr(found + counts.size())), 100) << "steps a second: " << text;
}

TEST(ConsoleProgress, ANoteTakesTheBarsPlace) {
  const std::string text = shown(Style::bar, [](ConsoleProgress& progress) {
    progress.begin("Encoding faces", 400);
    progress.note("b.jpg was skipped");
  });
  EXPECT_TRUE(has(text, "\r\033[Kb.jpg was skipped\n")) << text;
}

TEST(ConsoleProgress, ABarThatIsLeftBehindIsRemoved) {
  const std::string text =
      shown(Style::bar, [](ConsoleProgress& progress) { progress.begin("Encoding faces", 400); });
  EXPECT_TRUE(text.ends_with("\r\033[K")) << "an error starts on a line of its own: " << text;
}

TEST(ConsoleProgress, AFileGetsPlainLines) {
  const std::string text = shown(Style::lines, [](ConsoleProgress& progress) {
    progress.begin("Encoding faces", 400);
    progress.update(399);
    progress.note("b.jpg was skipped");
    progress.update(400);
    progress.end();
    progress.end();  // harmless
  });
  EXPECT_TRUE(text.starts_with("Encoding faces\nb.jpg was skipped\nEncoding faces: 400/400, "))
      << text;
  EXPECT_TRUE(text.ends_with(" s\n")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
}

TEST(ConsoleProgress, WorkOfUnknownLengthIsCounted) {
  const std::string text = shown(Style::lines, [](ConsoleProgress& progress) {
    progress.begin("Reading", 0);
    progress.update(17);
    progress.end();
  });
  EXPECT_TRUE(text.starts_with("Reading\nReading: 17, ")) << text;
  EXPECT_TRUE(has(text, "done in ")) << text;
}

TEST(ConsoleProgress, SilenceIsSilent) {
  const std::string text = shown(Style::silent, [](ConsoleProgress& progress) {
    progress.begin("Encoding faces", 400);
    progress.update(400);
    progress.note("b.jpg was skipped");
    progress.end();
  });
  EXPECT_EQ(text, "");
  EXPECT_EQ(ConsoleProgress::style_for_stderr(true), Style::silent);
}

TEST(FormatDuration, RoundsUpToWhatPeopleWaitFor) {
  EXPECT_EQ(format_duration(-1), "0 s");
  EXPECT_EQ(format_duration(0.1), "1 s");
  EXPECT_EQ(format_duration(59), "59 s");
  EXPECT_EQ(format_duration(59.5), "1 min 0 s");
  EXPECT_EQ(format_duration(200), "3 min 20 s");
  EXPECT_EQ(format_duration(3600), "1 h 0 min");
  EXPECT_EQ(format_duration(7500), "2 h 5 min");
}

}  // namespace
}  // namespace likeness::cli
