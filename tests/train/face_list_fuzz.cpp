// Any text is a list of identities that keeps its promises, or Error(corrupt_file).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <likeness/core/error.h>
#include <likeness/train/face_dataset.h>

#include "support/fuzz_check.h"

namespace likeness {
namespace {

void check_identity(const Identity& identity) {
  const auto& pictures = identity.pictures;
  LIKENESS_FUZZ_CHECK(!identity.name.empty() && !pictures.empty());
  // Sorted, each once.
  LIKENESS_FUZZ_CHECK(std::adjacent_find(pictures.begin(), pictures.end(),
                                         std::greater_equal<>()) == pictures.end());
  for (const std::string& picture : pictures)
    LIKENESS_FUZZ_CHECK(!picture.empty() && picture.find('\0') == picture.npos);
}

void check_dataset(const FaceDataset& dataset) {
  const auto& identities = dataset.identities;
  LIKENESS_FUZZ_CHECK(std::adjacent_find(identities.begin(), identities.end(),
                                         [](const Identity& a, const Identity& b) {
                                           return a.name >= b.name;
                                         }) == identities.end());
  for (const Identity& identity : identities) check_identity(identity);
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    check_dataset(parse_face_list({reinterpret_cast<const char*>(data), size}, "list.csv", "."));
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
