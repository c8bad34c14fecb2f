#pragma once

/// How names and texts out of untrusted files appear in error messages.

#include <string>
#include <string_view>

namespace likeness {

/// `text` in single quotes on one line: control characters as '?', and shortened when it is long.
std::string in_quotes(std::string_view text);

}  // namespace likeness
