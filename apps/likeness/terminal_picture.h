#pragma once

/// A picture in the terminal, for previews, where the terminal can show one.

#include <functional>
#include <string>
#include <string_view>

#include <likeness/image/image.h>

namespace likeness::cli {

/// How a terminal takes pictures.
enum class TerminalPictures { none, kitty, sixel };

/// What the terminal behind `descriptor` takes; none when it is no terminal. kitty, WezTerm and
/// Ghostty are known by their variables; others are asked on /dev/tty (DA1, attribute 4: sixel) and
/// have 200 ms to answer.
TerminalPictures terminal_pictures(int descriptor);

/// `picture` for such a terminal, scaled down to `max_side` pixels, with a line's end; "" for none.
std::string picture_text(const Image& picture, TerminalPictures kind, int max_side = 512);

/// kitty's graphics protocol: a PNG in base64, in pieces of at most 4096 characters. The terminal
/// is asked not to answer. Requires a picture that is not empty.
std::string kitty_picture(const Image& picture);

/// DEC's sixels in a palette of 6 × 6 × 6 colours, with ordered dithering (Bayer, 8 × 8). Pixels of
/// alpha below 128 are left as they are. Requires a picture that is not empty.
std::string sixel_picture(const Image& picture);

/// True for variables of the environment as terminals with kitty's protocol set them, unless a
/// multiplexer stands between.
bool is_kitty(const std::function<std::string(const char*)>& variable);

/// True when `answer`, to a request for device attributes ("\033[?62;4;22c"), names sixel.
bool names_sixel(std::string_view answer);

}  // namespace likeness::cli
