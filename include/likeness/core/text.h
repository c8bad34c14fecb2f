#pragma once

/// How names and texts appear in messages.

#include <span>
#include <string>
#include <string_view>

namespace likeness {

/// `text` in single quotes on one line, as valid UTF-8: control characters (of Unicode too) and
/// bytes that are not UTF-8 become '?', and what is longer than 120 bytes is cut between two
/// characters. So a hostile file cannot write over a terminal, fill a log or break JSON.
std::string in_quotes(std::string_view text);

/// `value` for people, in up to 15 digits and without zeros at the end: "3", "0.1", "1e-05".
std::string number_text(double value);

/// "a, b, c"; empty for no words.
std::string comma_list(std::span<const std::string> words);

}  // namespace likeness
