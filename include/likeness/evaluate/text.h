#pragma once

/// Small pieces of text for reports.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace likeness {

/// `value` with `digits` digits after the point, whatever the locale: "0.412".
std::string fixed(double value, int digits);

/// A share as a percentage: percent(0.9935, 2) is "99.35 %".
std::string percent(double share, int digits);

/// Safe within HTML and XML, attributes included.
std::string escaped(std::string_view text);

/// Base64 with padding (RFC 4648).
std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace likeness
