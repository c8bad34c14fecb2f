#include "console_progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

void write_stderr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

int terminal_columns() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string format_rate(double per_second) {
  char text[32];
  if (per_second >= 10)
    std::snprintf(text, sizeof(text), "%.0f/s", per_second);
  else if (per_second >= 0.1)
    std::snprintf(text, sizeof(text), "%.1f/s", per_second);
  else
    std::snprintf(text, sizeof(text), "%.1f/min", per_second * 60);
  return text;
}

std::string draw_bar(std::int64_t done, std::int64_t total, int width) {
  const auto filled = static_cast<int>(std::clamp<std::int64_t>(done * width / total, 0, width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
}

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

ConsoleProgress::Style ConsoleProgress::style_for_stderr(bool silent) {
  if (silent) return Style::silent;
  return ::isatty(STDERR_FILENO) != 0 ? Style::bar : Style::lines;
}

ConsoleProgress::~ConsoleProgress() {
  clear_bar();
}

void ConsoleProgress::begin(std::string_view task, std::int64_t total) {
  task_ = task;
  total_ = total;
  done_ = done_before_ = 0;
  running_ = true;
  started_ = shown_ = Clock::now();
  if (style_ == Style::lines) write_stderr(task_ + "\n");
  if (style_ == Style::bar) show(false);
}

void ConsoleProgress::resume(std::int64_t done) {
  done_ = done_before_ = done;
}

void ConsoleProgress::update(std::int64_t done) {
  done_ = done;
  if (style_ == Style::silent || !running_) return;
  const auto pause =
      style_ == Style::bar ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (Clock::now() - shown_ >= pause) show(false);
}

void ConsoleProgress::note(std::string_view message) {
  if (style_ == Style::silent) return;
  clear_bar();
  write_stderr(std::string(message) + "\n");
}

void ConsoleProgress::end() {
  if (!running_) return;
  running_ = false;
  if (style_ != Style::silent) show(true);
}

void ConsoleProgress::clear_bar() {
  if (!bar_visible_) return;
  write_stderr("\r\033[K");
  bar_visible_ = false;
}

std::string ConsoleProgress::status() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  std::string text;
  if (total_ > 0) text += std::to_string(done_) + "/" + std::to_string(total_);
  if (total_ <= 0 && done_ > 0) text += std::to_string(done_);
  if (done_ > done_before_ && seconds > 0.5) {
    const double rate = static_cast<double>(done_ - done_before_) / seconds;
    text += ", " + format_rate(rate);
    if (running_ && total_ > done_)
      text += ", " + format_duration(static_cast<double>(total_ - done_) / rate) + " left";
  }
  if (!running_) text += (text.empty() ? "" : ", ") + ("done in " + format_duration(seconds));
  return text;
}

void ConsoleProgress::show(bool last) {
  shown_ = Clock::now();
  const std::string counts = status();
  std::string line = task_ + (counts.empty() ? "" : ": " + counts);
  if (style_ == Style::lines) {
    write_stderr(line + "\n");
    return;
  }
  const int columns = terminal_columns();
  const int room = std::min(30, columns - static_cast<int>(line.size()) - 4);
  if (!last && total_ > 0 && room >= 8) line = draw_bar(done_, total_, room) + line;
  if (static_cast<int>(line.size()) >= columns) line.resize(std::max(0, columns - 1));
  write_stderr("\r" + line + "\033[K" + (last ? "\n" : ""));
  bar_visible_ = !last;
}

}  // namespace likeness::cli
