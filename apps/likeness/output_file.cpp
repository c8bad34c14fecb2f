#include "output_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <sys/stat.h>
#include <unistd.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = std::size_t{1} << 16;

mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

OutputFile::OutputFile(fs::path target) : target_(std::move(target)) {
  check_writable(target_);
  std::error_code ignored;
  const auto status = fs::status(target_, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    temporary_ = (target_.parent_path() / ("." + target_.filename().string() + ".XXXXXX")).string();
    descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (descriptor_ < 0) temporary_.clear();
  }
  if (descriptor_ < 0) fail();
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBuffer) flush();
}

void OutputFile::overwrite_start(std::string_view bytes) {
  flush();
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) fail();
  buffer_ = bytes;
  flush();
  if (::lseek(descriptor_, 0, SEEK_END) < 0) fail();
}

void OutputFile::commit() {
  flush();
  const bool in_place = temporary_.empty();
  if (!in_place && (::fchmod(descriptor_, default_mode()) != 0 || ::fsync(descriptor_) != 0))
    fail();
  if (::close(std::exchange(descriptor_, -1)) != 0) fail();
  if (!in_place && ::rename(temporary_.c_str(), target_.c_str()) != 0) fail();
  temporary_.clear();
}

void OutputFile::flush() {
  for (std::string_view rest = buffer_; !rest.empty();) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail();
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  buffer_.clear();
}

void OutputFile::fail() const {
  throw Error(ErrorCode::write_failed, target_.string() + ": " + std::strerror(errno));
}

}  // namespace likeness::cli
