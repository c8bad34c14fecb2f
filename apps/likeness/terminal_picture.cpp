#include "terminal_picture.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <fcntl.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

constexpr std::size_t kKittyPiece = 4096;

/// The terminal of this process, which hands over keys, and answers, as they come and does not show
/// them, until it is closed.
class RawTerminal {
 public:
  RawTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    // Changing the settings from the background would stop the process.
    if (descriptor_ < 0 || ::tcgetpgrp(descriptor_) != ::getpgrp() ||
        ::tcgetattr(descriptor_, &before_) != 0)
      return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ready_ = ::tcsetattr(descriptor_, TCSANOW, &raw) == 0;
  }
  ~RawTerminal() {
    if (ready_) ::tcsetattr(descriptor_, TCSANOW, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  /// What comes back on `question`, up to `last` or until `patience` is over.
  std::string ask(std::string_view question, char last, std::chrono::milliseconds patience) {
    std::string answer;
    if (!ready_ || ::write(descriptor_, question.data(), question.size()) !=
                       static_cast<ssize_t>(question.size()))
      return answer;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (answer.empty() || answer.back() != last) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      pollfd waiting = {descriptor_, POLLIN, 0};
      char character = 0;
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1 ||
          ::read(descriptor_, &character, 1) != 1)
        break;
      answer += character;
    }
    return answer;
  }

 private:
  int descriptor_;
  termios before_ = {};
  bool ready_ = false;
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

bool is_kitty(const std::function<std::string(const char*)>& variable) {
  const std::string term = variable("TERM");
  if (!variable("TMUX").empty() || term.starts_with("screen") || term.starts_with("tmux"))
    return false;
  const std::string program = variable("TERM_PROGRAM");
  return !variable("KITTY_WINDOW_ID").empty() || has(term, "kitty") || program == "WezTerm" ||
         program == "ghostty";
}

bool names_sixel(std::string_view answer) {
  const auto start = answer.find("\033[?");
  if (start == std::string_view::npos || answer.back() != 'c') return false;
  std::string attributes(answer.substr(start + 3));
  attributes.back() = ';';
  return has(";" + attributes, ";4;");
}

TerminalPictures terminal_pictures(int descriptor) {
  if (::isatty(descriptor) == 0) return TerminalPictures::none;
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (is_kitty(variable)) return TerminalPictures::kitty;
  constexpr std::chrono::milliseconds kPatience(200);
  return names_sixel(RawTerminal().ask("\033[c", 'c', kPatience)) ? TerminalPictures::sixel
                                                                  : TerminalPictures::none;
}

std::string picture_text(const Image& picture, TerminalPictures kind, int max_side) {
  if (kind == TerminalPictures::none) return {};
  const Image small = resize_to_fit(picture, max_side);
  return (kind == TerminalPictures::kitty ? kitty_picture(small) : sixel_picture(small)) + "\n";
}

std::string kitty_picture(const Image& picture) {
  const std::string data = base64(encode_image(picture, ImageFormat::png));
  std::string text;
  for (std::size_t start = 0; start < data.size(); start += kKittyPiece) {
    const bool last = start + kKittyPiece >= data.size();
    // a=T: show it at once; f=100: a PNG; q=2: do not answer
    text += start == 0 ? "\033_Ga=T,f=100,q=2," : "\033_G";
    text += last ? "m=0;" : "m=1;";
    text.append(data, start, kKittyPiece);
    text += "\033\\";
  }
  return text;
}

}  // namespace likeness::cli
