#pragma once

/// What came in as text, as the bytes that it is. A view: the text must live longer.

#include <cstdint>
#include <span>
#include <string_view>

namespace likeness::serve {

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace likeness::serve
