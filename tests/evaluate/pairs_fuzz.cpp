// Any text is a list of pairs that keeps its promises, or Error(corrupt_file).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <likeness/core/error.h>
#include <likeness/evaluate/pairs.h>

#include "support/fuzz_check.h"

namespace likeness {
namespace {

/// One folder deep, and not out of it.
bool is_picture(const std::string& path) {
  return std::count(path.begin(), path.end(), '/') == 1 && !path.starts_with("../") &&
         !path.starts_with("./") && !path.starts_with("/") && path.ends_with(".jpg") &&
         path.find('\0') == path.npos;
}

void check_pair(const PicturePair& pair, int folds) {
  LIKENESS_FUZZ_CHECK(is_picture(pair.first) && is_picture(pair.second));
  LIKENESS_FUZZ_CHECK(pair.first != pair.second);
  LIKENESS_FUZZ_CHECK((person_of(pair.first) == person_of(pair.second)) == pair.same_person);
  LIKENESS_FUZZ_CHECK(pair.fold >= 0 && pair.fold < folds);
}

void check_list(const PairList& list) {
  LIKENESS_FUZZ_CHECK(list.folds >= 1 && !list.pairs.empty());
  for (const PicturePair& pair : list.pairs) check_pair(pair, list.folds);
  const auto genuine = std::count_if(list.pairs.begin(), list.pairs.end(),
                                     [](const PicturePair& pair) { return pair.same_person; });
  LIKENESS_FUZZ_CHECK(2 * genuine == static_cast<std::ptrdiff_t>(list.pairs.size()));
  LIKENESS_FUZZ_CHECK(genuine % list.folds == 0);
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    check_list(parse_pairs({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
