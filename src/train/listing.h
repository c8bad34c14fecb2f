#pragma once

/// Long lists in one line of a log.

#include <span>
#include <string>

namespace likeness {

/// The number of `names`, what they are, and the first three: "1 folder (a)",
/// "5 folders (a, b, c, …)". Requires at least one name.
std::string listing(std::span<const std::string> names, const std::string& singular,
                    const std::string& plural);

}  // namespace likeness
