#include "model/text.h"

namespace likeness {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxLength = 120;
  std::string result = "'";
  for (const char character : text.substr(0, kMaxLength)) {
    const auto code = static_cast<unsigned char>(character);
    result += code < 0x20 || code == 0x7f ? '?' : character;
  }
  return result + (text.size() > kMaxLength ? "…'" : "'");
}

}  // namespace likeness
