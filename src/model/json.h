#pragma once

/// JSON out of files that are not trusted.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace likeness {

/// The value that `text` holds; `name` stands for it in errors. Throws Error(corrupt_file) when it
/// is not JSON (with the place), nests deeper than `max_depth`, or repeats a key in one object
/// (readers would disagree on its meaning). Memory taken is proportional to the text, so the caller
/// bounds its size.
nlohmann::json parse_json(std::string_view text, const std::string& name, std::size_t max_depth);

/// The same for bytes.
nlohmann::json parse_json(std::span<const std::uint8_t> text, const std::string& name,
                          std::size_t max_depth);

}  // namespace likeness
