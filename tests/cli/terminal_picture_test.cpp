/// Pictures in the terminal: what is written is read back as a terminal would.

#include "terminal_picture.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <likeness/image/codec.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/drawn_picture.h"

namespace likeness::cli {
namespace {

Bytes from_base64(const std::string& text) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char character : text) {
    if (character == '=') break;
    group = group << 6 | static_cast<std::uint32_t>(kDigits.find(character));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(group >> bits));
  }
  return bytes;
}

struct Piece {
  std::string keys;
  std::string data;
};

std::vector<Piece> kitty_pieces(std::string text) {
  static const std::regex kPiece("^\033_G([^;]*);([A-Za-z0-9+/=]*)\033\\\\");
  std::vector<Piece> pieces;
  std::smatch match;
  while (std::regex_search(text, match, kPiece)) {
    pieces.push_back({match[1], match[2]});
    text = match.suffix();
  }
  EXPECT_EQ(text, "") << "what no piece holds";
  return pieces;
}

/// A terminal's screen as far as one picture reaches; pixels that are not drawn have alpha 0.
class SixelReader {
 public:
  explicit SixelReader(const std::string& text) : text_(text) {}

  Image read() {
    static const std::string kStart = "\033P0;1;0q\"1;1;";
    EXPECT_TRUE(text_.starts_with(kStart));
    at_ = kStart.size();
    const int width = number();
    const int height = next_number();
    Image screen(width, height, 4);
    while (at_ < text_.size() && text_[at_] != '\033') step(screen);
    EXPECT_EQ(text_.substr(at_), "\033\\");
    return screen;
  }

 private:
  int number() {
    int value = 0;
    while (text_[at_] >= '0' && text_[at_] <= '9') value = 10 * value + (text_[at_++] - '0');
    return value;
  }
  int next_number() {
    EXPECT_EQ(text_[at_], ';');
    ++at_;
    return number();
  }

  void step(Image& screen) {
    const char character = text_[at_++];
    if (character == '#') {
      colour_ = number();
      if (text_[at_] == ';') define();
    } else if (character == '$') {
      x_ = 0;
    } else if (character == '-') {
      x_ = 0;
      top_ += 6;
    } else if (character == '!') {
      const int count = number();
      draw(screen, text_[at_++], count);
    } else {
      draw(screen, character, 1);
    }
  }

  void define() {
    EXPECT_EQ(next_number(), 2) << "RGB";
    std::array<int, 3> rgb = {};
    for (int& part : rgb) part = next_number() * 255 / 100;
    palette_[colour_] = rgb;
  }

  void draw(Image& screen, char character, int count) {
    ASSERT_TRUE(palette_.contains(colour_));
    ASSERT_TRUE(character >= '?' && character <= '~');
    for (; count > 0; --count, ++x_)
      for (int bit = 0; bit < 6; ++bit) {
        if (((character - '?') >> bit & 1) == 0) continue;
        ASSERT_LT(x_, screen.width());
        ASSERT_LT(top_ + bit, screen.height());
        std::uint8_t* pixel = screen.row(top_ + bit) + 4 * x_;
        EXPECT_EQ(pixel[3], 0) << "drawn twice";
        for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(palette_[colour_][c]);
        pixel[3] = 255;
      }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int colour_ = 0;
  int x_ = 0;
  int top_ = 0;
  std::map<int, std::array<int, 3>> palette_;
};

Image on_screen(const Image& picture) {
  const std::string text = sixel_picture(picture);
  return SixelReader(text).read();
}

/// Levels that the palette has: multiples of 51.
Image in_palette(const Image& picture) {
  Image result = picture;
  for (std::uint8_t& sample : result.pixels()) sample = static_cast<std::uint8_t>(sample / 51 * 51);
  return result;
}

Image with_opaque_alpha(const Image& picture) {
  Image result(picture.width(), picture.height(), 4);
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) {
      std::copy_n(picture.row(y) + 3 * x, 3, result.row(y) + 4 * x);
      result.row(y)[4 * x + 3] = 255;
    }
  return result;
}

TEST(KittyPicture, IsAPngInPieces) {
  const Image picture = drawn_picture(400, 300);
  const auto pieces = kitty_pieces(kitty_picture(picture));
  ASSERT_GT(pieces.size(), 2U);
  std::string data;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string more = i + 1 < pieces.size() ? "m=1" : "m=0";
    EXPECT_EQ(pieces[i].keys, i == 0 ? "a=T,f=100,q=2," + more : more);
    EXPECT_LE(pieces[i].data.size(), 4096U);
    EXPECT_EQ(pieces[i].data.size() % 4, 0U);
    data += pieces[i].data;
  }
  EXPECT_EQ(decode_image(from_base64(data), "kitty"), picture);
}

TEST(KittyPicture, OfOnePixelIsOnePiece) {
  const auto pieces = kitty_pieces(kitty_picture(Image(1, 1)));
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0].keys, "a=T,f=100,q=2,m=0");
  EXPECT_EQ(decode_image(from_base64(pieces[0].data), "kitty"), Image(1, 1));
}

TEST(SixelPicture, ShowsTheColoursOfItsPaletteExactly) {
  for (const auto& [width, height] : {std::pair(40, 30), {33, 7}, {1, 1}, {5, 6}}) {
    const Image picture = in_palette(drawn_picture(width, height));
    EXPECT_EQ(on_screen(picture), with_opaque_alpha(picture));
  }
}

TEST(SixelPicture, DithersToTheMeanOfOtherColours) {
  for (const int sample : {1, 25, 80, 130, 200, 254}) {
    Image picture(64, 64);
    for (std::uint8_t& value : picture.pixels()) value = static_cast<std::uint8_t>(sample);
    const Image screen = on_screen(picture);
    double sum = 0;
    std::set<int> shown;
    for (std::size_t i = 0; i < screen.pixels().size(); i += 4) {
      sum += screen.pixels()[i + 1];
      shown.insert(screen.pixels()[i + 1]);
    }
    EXPECT_NEAR(sum / (64 * 64), sample, 0.5);
    EXPECT_EQ(shown.size(), 2U) << "the two levels next to it";
    EXPECT_LT(*shown.rbegin() - *shown.begin(), 52);
  }
}

TEST(SixelPicture, LeavesOutWhatIsTransparent) {
  Image picture = with_opaque_alpha(in_palette(drawn_picture(20, 13)));
  for (int y = 0; y < 13; ++y) picture.row(y)[4 * 3 + 3] = 10;
  const Image screen = on_screen(picture);
  for (int y = 0; y < 13; ++y) {
    EXPECT_EQ(screen.at(3, y)[3], 0);
    EXPECT_EQ(screen.at(4, y)[3], 255);
  }
  EXPECT_EQ(on_screen(Image(4, 9, 4)), Image(4, 9, 4));
}

TEST(SixelPicture, NamesOnlyColoursThatItUsesAndRepeatsByCount) {
  EXPECT_EQ(sixel_picture(Image(10, 2)), "\033P0;1;0q\"1;1;10;2#0;2;0;0;0#0!10B\033\\");
}

TEST(PictureText, FitsAndEndsTheLine) {
  const Image picture = in_palette(drawn_picture(100, 50));
  const std::string text = picture_text(picture, TerminalPictures::sixel, 20);
  EXPECT_TRUE(text.starts_with("\033P0;1;0q\"1;1;20;10#"));
  EXPECT_TRUE(text.ends_with("\033\\\n"));
  EXPECT_EQ(picture_text(picture, TerminalPictures::kitty), kitty_picture(picture) + "\n");
  EXPECT_EQ(picture_text(picture, TerminalPictures::none), "");
}

TEST(TerminalPictures, AreKittysWhereTheVariablesSaySo) {
  using Variables = std::map<std::string, std::string>;
  const auto kitty = [](const Variables& variables) {
    return is_kitty([&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string() : found->second;
    });
  };
  EXPECT_TRUE(kitty({{"KITTY_WINDOW_ID", "1"}}));
  EXPECT_TRUE(kitty({{"TERM", "xterm-kitty"}}));
  EXPECT_TRUE(kitty({{"TERM_PROGRAM", "WezTerm"}}));
  EXPECT_TRUE(kitty({{"TERM_PROGRAM", "ghostty"}}));
  EXPECT_FALSE(kitty({{"TERM", "xterm-256color"}}));
  EXPECT_FALSE(kitty({{"KITTY_WINDOW_ID", "1"}, {"TMUX", "/run/tmux"}}));
  EXPECT_FALSE(kitty({{"KITTY_WINDOW_ID", "1"}, {"TERM", "screen-256color"}}));
}

TEST(TerminalPictures, AreSixelsWhereTheTerminalSaysSo) {
  EXPECT_TRUE(names_sixel("\033[?62;4;22c"));
  EXPECT_TRUE(names_sixel("\033[?4c"));
  EXPECT_TRUE(names_sixel("key\033[?63;1;2;4c"));
  EXPECT_FALSE(names_sixel("\033[?62;14;44c"));
  EXPECT_FALSE(names_sixel("\033[?62;4;22"));
  EXPECT_FALSE(names_sixel(""));
}

/// What a process finds whose terminal gives `answer` when it is asked for its attributes.
TerminalPictures behind_terminal(const std::string& answer) {
  int terminal = -1;
  const pid_t process = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (process == 0) {
    for (const char* name : {"TERM", "TERM_PROGRAM", "TMUX", "KITTY_WINDOW_ID"}) ::unsetenv(name);
    ::_exit(static_cast<int>(terminal_pictures(STDOUT_FILENO)));
  }
  std::string question;
  std::array<char, 64> buffer = {};
  while (question.find('c') == std::string::npos) {
    const ssize_t count = ::read(terminal, buffer.data(), buffer.size());
    if (count <= 0) break;
    question.append(buffer.data(), static_cast<std::size_t>(count));
  }
  EXPECT_EQ(question, "\033[c");
  EXPECT_EQ(::write(terminal, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
  int status = -1;
  ::waitpid(process, &status, 0);
  ::close(terminal);
  EXPECT_TRUE(WIFEXITED(status));
  return static_cast<TerminalPictures>(WEXITSTATUS(status));
}

TEST(TerminalPictures, AreWhatARealTerminalAnswers) {
  EXPECT_EQ(behind_terminal("\033[?62;4;22c"), TerminalPictures::sixel);
  EXPECT_EQ(behind_terminal("\033[?62;22c"), TerminalPictures::none);
  EXPECT_EQ(behind_terminal(""), TerminalPictures::none) << "after 200 ms";
}

TEST(TerminalPictures, AreNoneWhereNothingIsATerminal) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe(ends.data()), 0);
  EXPECT_EQ(terminal_pictures(ends[1]), TerminalPictures::none);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace likeness::cli
