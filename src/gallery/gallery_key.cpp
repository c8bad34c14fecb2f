#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/gallery/gallery_key.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKeyBytes = 32;

bool write_whole(int descriptor, const std::string& text) {
  return ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fsync(descriptor) == 0;
}

/// Gives the file its name unless there is one of that name already. Some file systems know no
/// links, others no renaming that keeps what is there.
bool give_name(const std::string& temporary, const fs::path& path) {
  if (::link(temporary.c_str(), path.c_str()) == 0) return true;
  return errno != EEXIST &&
         ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0;
}

/// A file for its owner alone, which appears whole: others that read it see all of it.
void write_secret(const fs::path& path, const std::string& text) {
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 600
  const bool written =
      descriptor >= 0 && write_whole(descriptor, text) && give_name(temporary, path);
  const int error = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
  }
  if (!written)
    throw Error(error == EEXIST ? ErrorCode::already_exists : ErrorCode::write_failed,
                path.string() + ": the key cannot be written: " + std::strerror(error));
}

}  // namespace

GalleryKey GalleryKey::passphrase(const std::string& text) {
  if (text.empty())
    throw Error(ErrorCode::invalid_argument, "the passphrase of a gallery cannot be empty");
  return {.kind = Kind::passphrase, .secret = {text.begin(), text.end()}};
}

GalleryKey read_key_file(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ErrorCode::wrong_key, path.string() +
                                          ": others may read this key; make it yours alone: chmod "
                                          "600 " +
                                          path.string());
  const Bytes content = read_file(path, 4096);
  const auto end = std::find_if(content.begin(), content.end(),
                                [](std::uint8_t byte) { return byte == '\n' || byte == '\r'; });
  GalleryKey key{.kind = GalleryKey::Kind::key_file, .secret = Bytes(kKeyBytes)};
  std::size_t size = 0;
  const std::string digits(content.begin(), end);
  if (digits.size() != 2 * kKeyBytes ||
      sodium_hex2bin(key.secret.data(), kKeyBytes, digits.data(), digits.size(), nullptr, &size,
                     nullptr) != 0 ||
      size != kKeyBytes)
    throw Error(ErrorCode::wrong_key,
                path.string() + ": is not a key of a gallery (64 hexadecimal digits)");
  return key;
}

GalleryKey create_key_file(const fs::path& path) {
  std::error_code ignored;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
  GalleryKey key{.kind = GalleryKey::Kind::key_file, .secret = Bytes(kKeyBytes)};
  randombytes_buf(key.secret.data(), kKeyBytes);
  std::array<char, 2 * kKeyBytes + 1> digits;
  sodium_bin2hex(digits.data(), digits.size(), key.secret.data(), kKeyBytes);
  write_secret(path, std::string(digits.data()) + "\n");
  return key;
}

}  // namespace likeness
