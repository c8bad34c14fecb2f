#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/output_file.h>
#include <sodium.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// What `path` points to through symbolic links, whether or not that exists.
fs::path followed(fs::path path) {
  constexpr int kMaxLinks = 40;  // as Linux has it
  std::error_code error;
  for (int i = 0; i < kMaxLinks && fs::is_symlink(path, error); ++i)
    path = folder_of(path) / fs::read_symlink(path, error);
  return path;
}

bool is_written_in_place(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

/// A name of fixed length: one made of the target's own could be too long for the file system.
std::string hidden_name() {
  std::array<unsigned char, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) < 0)
    throw Error(ErrorCode::write_failed, std::string("no random numbers: ") + std::strerror(errno));
  std::array<char, 2 * random.size() + 1> digits;
  sodium_bin2hex(digits.data(), digits.size(), random.data(), random.size());
  return std::string(".likeness-") + digits.data();
}

}  // namespace

OutputFile::OutputFile(const fs::path& target) : name_(target.string()), target_(followed(target)) {
  check_writable(target);
  if (!is_written_in_place(target_)) {
    open_temporary();
    return;
  }
  descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::uint8_t> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes)
    write_through(bytes);
  else
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void OutputFile::write(std::string_view text) {
  write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void OutputFile::overwrite_start(std::string_view bytes) {
  flush();
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) fail(errno);
  write(bytes);
  flush();
  if (::lseek(descriptor_, 0, SEEK_END) < 0) fail(errno);
}

void OutputFile::commit() {
  LIKENESS_CHECK(descriptor_ >= 0);
  flush();
  const bool in_place = temporary_.empty();
  struct stat old = {};
  if (!in_place && ::stat(target_.c_str(), &old) == 0 &&
      ::fchmod(descriptor_, old.st_mode & 07777) != 0)
    fail(errno);
  if (!in_place && ::fsync(descriptor_) != 0) fail(errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (in_place) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

void OutputFile::open_temporary() {
  constexpr int kTries = 100;  // a name is taken by accident once in 2^64 files
  int error = EEXIST;
  for (int i = 0; i < kTries && error == EEXIST; ++i) {
    temporary_ = (folder_of(target_) / hidden_name()).string();
    // The kernel applies the umask; reading it would change it for other threads for a moment.
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return;
    error = errno;
  }
  temporary_.clear();
  fail(error);
}

void OutputFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void OutputFile::write_through(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void OutputFile::fail(int error) const {
  throw Error(ErrorCode::write_failed, name_ + ": " + std::strerror(error));
}

void check_writable(const fs::path& path) {
  const std::string name = path.string();
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::write_failed, name + ": " + what);
  };
  if (name.empty()) throw Error(ErrorCode::write_failed, "the output path is empty");
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse("is a folder, name a file");
  const fs::path target = followed(path);
  const bool in_place = is_written_in_place(target);
  const fs::path place = in_place ? target : folder_of(target);
  if (!in_place && !fs::is_directory(place, ignored))
    refuse("folder '" + place.string() + "' does not exist; create it first");
  if (::faccessat(AT_FDCWD, place.c_str(), in_place ? W_OK : W_OK | X_OK, AT_EACCESS) != 0) {
    const std::string reason = std::strerror(errno);
    refuse(in_place ? reason : "cannot write in folder '" + place.string() + "': " + reason);
  }
}

void write_file(const fs::path& path, std::span<const std::uint8_t> content) {
  OutputFile file(path);
  file.write(content);
  file.commit();
}

void write_file(const fs::path& path, std::string_view content) {
  write_file(path, {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
}

}  // namespace likeness
