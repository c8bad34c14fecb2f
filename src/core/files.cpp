#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  bool valid() const { return value_ >= 0; }

 private:
  int value_;
};

std::string reason(int error) {
  return std::strerror(error);
}

[[noreturn]] void throw_too_large(const std::string& name, std::size_t max_bytes) {
  throw Error(ErrorCode::too_large,
              name + ": larger than the limit of " + std::to_string(max_bytes) + " bytes");
}

Bytes read_descriptor(int descriptor, std::size_t expected, std::size_t max_bytes,
                      const std::string& name) {
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  // One byte more than the limit tells a file that reaches it from one that exceeds it.
  const std::size_t most = std::min(max_bytes, std::numeric_limits<std::size_t>::max() - 1) + 1;
  // And one more than expected finds the end of the file without growing.
  Bytes content(std::min(expected, most - 1) + 1);
  std::size_t used = 0;
  while (used < most) {
    if (used == content.size()) content.resize(used + std::min(kChunk, most - used));
    const ssize_t count = ::read(descriptor, content.data() + used, content.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::unreadable, name + ": " + reason(errno));
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  if (used > max_bytes) throw_too_large(name, max_bytes);
  content.resize(used);
  return content;
}

}  // namespace

Bytes read_file(const fs::path& path, std::size_t max_bytes) {
  const std::string name = path.string();
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR)
      throw Error(ErrorCode::not_found, name + ": no such file");
    throw Error(ErrorCode::unreadable, name + ": " + reason(error));
  }
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0)
    throw Error(ErrorCode::unreadable, name + ": " + reason(errno));
  if (S_ISDIR(info.st_mode))
    throw Error(ErrorCode::unreadable, name + ": is a folder, a file is needed");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (S_ISREG(info.st_mode) && size > max_bytes) throw_too_large(name, max_bytes);
  return read_descriptor(file.get(), size, max_bytes, name);
}

Bytes read_standard_input(std::size_t max_bytes) {
  return read_descriptor(STDIN_FILENO, 0, max_bytes, "standard input");
}

std::string sha256(std::span<const std::uint8_t> content) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), content.data(), content.size());
  std::string text(2 * digest.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

FileLock::FileLock(const fs::path& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0)
    throw Error(ErrorCode::write_failed, path.string() + ": cannot create lock: " + reason(errno));
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    ::close(descriptor_);
    throw Error(ErrorCode::write_failed, path.string() + ": cannot lock: " + reason(error));
  }
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace likeness
