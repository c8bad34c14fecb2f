#pragma once

/// Progress for people, on stderr: a bar with count, rate and remaining time on a terminal, a plain
/// line now and then when stderr is a file or a pipe.

#include <chrono>
#include <cstdint>
#include <string>

#include <likeness/core/progress.h>

namespace likeness::cli {

class ConsoleProgress : public Progress {
 public:
  enum class Style { silent, lines, bar };

  /// The style that fits stderr.
  static Style style_for_stderr(bool silent);

  explicit ConsoleProgress(Style style) : style_(style) {}
  /// Ends a bar that an exception left behind, so that the error starts on a line of its own.
  ~ConsoleProgress() override;

  void begin(std::string_view task, std::int64_t total) override;
  void resume(std::int64_t done) override;
  void update(std::int64_t done) override;
  void note(std::string_view message) override;
  void end() override;

  /// Removes the bar from the terminal before something else is written there; the next update
  /// draws it again.
  void clear_bar();

 private:
  using Clock = std::chrono::steady_clock;

  std::string status() const;
  void show(bool last);

  Style style_;
  std::string task_;
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
  std::int64_t done_before_ = 0;  ///< by an earlier call
  bool running_ = false;
  bool bar_visible_ = false;
  Clock::time_point started_;
  Clock::time_point shown_;
};

/// "12 s", "3 min 20 s", "2 h 5 min".
std::string format_duration(double seconds);

}  // namespace likeness::cli
