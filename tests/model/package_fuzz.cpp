// Any bytes are a package that holds the wanted files to the last bit, or an Error.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/archive.h"
#include "support/fuzz_check.h"

namespace likeness {
namespace {

/// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::uint8_t> bytes)
      : descriptor_(::memfd_create("package", MFD_CLOEXEC)) {
    if (descriptor_ < 0 ||
        ::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("cannot write a file in memory");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

SourceFile wanted(const std::string& path, const std::string& content) {
  const Bytes bytes(content.begin(), content.end());
  return {path, sha256(bytes), static_cast<std::int64_t>(bytes.size())};
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  static const std::array kWanted = {wanted("model/a.bin", "weights"), wanted("empty", "")};
  const MemoryFile file({data, size});
  try {
    const auto files = read_package(file.path(), kWanted, "fuzz 1.0.0");
    LIKENESS_FUZZ_CHECK(files.size() == kWanted.size());
    for (const SourceFile& expected : kWanted)
      LIKENESS_FUZZ_CHECK(sha256(files.at(expected.path)) == expected.sha256);
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file ||
                        error.code() == ErrorCode::checksum_mismatch);
  }
  return 0;
}
