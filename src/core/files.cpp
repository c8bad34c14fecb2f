#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

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
  int close() { return ::close(std::exchange(value_, -1)); }

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
  Bytes content(std::min(expected, max_bytes));
  std::size_t used = 0;
  while (true) {
    if (used == content.size()) {
      if (used > max_bytes) throw_too_large(name, max_bytes);
      content.resize(std::min(used + kChunk, max_bytes + 1));
    }
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

void write_all(int descriptor, std::span<const std::uint8_t> content, const std::string& name) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::write_failed, name + ": " + reason(errno));
    content = content.subspan(static_cast<std::size_t>(count));
  }
}

bool exists_but_is_no_regular_file(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string hidden_neighbour(const fs::path& target) {
  fs::path name(".");
  name += target.filename();
  name += ".XXXXXX";
  return (folder_of(target) / name).string();
}

/// A temporary file that is removed unless it was renamed into place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : path_(hidden_neighbour(target)), descriptor_(::mkostemp(path_.data(), O_CLOEXEC)) {
    if (!descriptor_.valid())
      throw Error(ErrorCode::write_failed, target.string() + ": cannot write in folder '" +
                                               folder_of(target).string() + "': " + reason(errno));
  }
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Descriptor& descriptor() { return descriptor_; }
  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0)
      throw Error(ErrorCode::write_failed, target.string() + ": " + reason(errno));
    path_.clear();
  }

 private:
  std::string path_;
  Descriptor descriptor_;
};

mode_t default_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
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

void write_file(const fs::path& path, std::span<const std::uint8_t> content) {
  const std::string name = path.string();
  check_writable(path);
  if (exists_but_is_no_regular_file(path)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid()) throw Error(ErrorCode::write_failed, name + ": " + reason(errno));
    write_all(file.get(), content, name);
    return;
  }
  TemporaryFile temporary(path);
  Descriptor& file = temporary.descriptor();
  write_all(file.get(), content, name);
  if (::fchmod(file.get(), default_file_mode()) != 0 || ::fsync(file.get()) != 0 ||
      file.close() != 0)
    throw Error(ErrorCode::write_failed, name + ": " + reason(errno));
  temporary.rename_to(path);
}

void write_file(const fs::path& path, std::string_view content) {
  write_file(path, {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
}

void check_writable(const fs::path& path) {
  const std::string name = path.string();
  if (name.empty()) throw Error(ErrorCode::write_failed, "the output path is empty");
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw Error(ErrorCode::write_failed, name + ": is a folder, name a file");
  const bool in_place = exists_but_is_no_regular_file(path);
  const fs::path target = in_place ? path : folder_of(path);
  if (!in_place && !fs::is_directory(target, ignored))
    throw Error(ErrorCode::write_failed,
                name + ": folder '" + target.string() + "' does not exist; create it first");
  if (::access(target.c_str(), in_place ? W_OK : W_OK | X_OK) != 0)
    throw Error(ErrorCode::write_failed, name + ": " + reason(errno));
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
