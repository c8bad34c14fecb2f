#include "model/archive.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>

namespace likeness {
namespace {

// Unpacked size that a package may have, wanted files or not: the largest one used has 25 MB.
constexpr std::int64_t kMaxUnpackedBytes = std::int64_t{1} << 30;
constexpr std::int64_t kEntryHeaderBytes = 512;

/// The path inside the package: without the first folder, whatever its name.
std::string_view inside(std::string_view path) {
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

class PackageReader {
 public:
  PackageReader(const std::filesystem::path& path, const std::string& package)
      : package_(package), archive_(archive_read_new(), archive_read_free) {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    constexpr std::size_t kBlockBytes = 64 << 10;
    check(archive_read_open_filename(archive_.get(), path.c_str(), kBlockBytes));
  }

  /// Moves to the next entry, nullptr at the end.
  archive_entry* next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    check(result);
    // Skipping an entry unpacks it too; what is announced bounds the time that takes.
    const std::int64_t size = archive_entry_size(entry);
    unpacked_ += kEntryHeaderBytes;
    if (size < 0 || size > kMaxUnpackedBytes - unpacked_) fail("is far too large when unpacked");
    unpacked_ += size;
    return entry;
  }

  /// The content of the current entry, which has `size` bytes.
  Bytes read(std::size_t size) {
    Bytes content(size);
    std::size_t used = 0;
    while (used < size) {
      const auto count = archive_read_data(archive_.get(), content.data() + used, size - used);
      if (count < 0) fail(archive_error_string(archive_.get()));
      if (count == 0) fail("ends in the middle of a file");
      used += static_cast<std::size_t>(count);
    }
    return content;
  }

 private:
  void check(int result) const {
    if (result < ARCHIVE_WARN) fail(archive_error_string(archive_.get()));
  }
  [[noreturn]] void fail(const char* what) const {
    throw Error(ErrorCode::corrupt_file,
                "package " + package_ + ": " + (what != nullptr ? what : "is broken"));
  }

  const std::string& package_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
  std::int64_t unpacked_ = 0;
};

[[noreturn]] void fail_check(const std::string& package, const SourceFile& file,
                             const std::string& what) {
  throw Error(ErrorCode::checksum_mismatch,
              "package " + package + ": " + in_quotes(file.path) + " " + what);
}

}  // namespace

std::map<std::string, Bytes> read_package(const std::filesystem::path& path,
                                          std::span<const SourceFile> wanted,
                                          const std::string& package) {
  std::map<std::string, Bytes> files;
  PackageReader reader(path, package);
  while (archive_entry* entry = reader.next()) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG) continue;
    const auto file = std::find_if(wanted.begin(), wanted.end(), [&](const SourceFile& candidate) {
      return candidate.path == inside(name);
    });
    if (file == wanted.end()) continue;
    const std::int64_t size = archive_entry_size(entry);
    if (size != file->bytes)
      fail_check(package, *file,
                 "has " + std::to_string(size) + " bytes, expected " + std::to_string(file->bytes));
    Bytes content = reader.read(static_cast<std::size_t>(size));
    const std::string digest = sha256(content);
    if (digest != file->sha256)
      fail_check(package, *file, "has sha256 " + digest + ", expected " + file->sha256);
    files[file->path] = std::move(content);
  }
  for (const SourceFile& file : wanted)
    if (!files.contains(file.path)) fail_check(package, file, "is not in the package");
  return files;
}

}  // namespace likeness
