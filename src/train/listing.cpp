#include "train/listing.h"

#include <algorithm>
#include <cstddef>

#include <likeness/core/error.h>

namespace likeness {

std::string listing(std::span<const std::string> names, const std::string& singular,
                    const std::string& plural) {
  constexpr std::size_t kShown = 3;
  LIKENESS_CHECK(!names.empty());
  std::string line =
      std::to_string(names.size()) + " " + (names.size() == 1 ? singular : plural) + " (";
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    line += (i == 0 ? "" : ", ") + names[i];
  return line + (names.size() > kShown ? ", …)" : ")");
}

}  // namespace likeness
