#include "train/posix_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <likeness/core/error.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace likeness {
namespace {

std::string reason(int error) {
  return std::strerror(error);
}

int flags(PosixFile::Mode mode) {
  switch (mode) {
    case PosixFile::Mode::read:
      return O_RDONLY | O_CLOEXEC;
    case PosixFile::Mode::update:
      return O_RDWR | O_CREAT | O_CLOEXEC;
    case PosixFile::Mode::overwrite:
      break;
  }
  return O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
}

}  // namespace

PosixFile::PosixFile(const std::filesystem::path& path, Mode mode)
    : name_(path.string()), descriptor_(::open(path.c_str(), flags(mode), 0666)) {
  if (descriptor_ >= 0) return;
  if (mode != Mode::read) fail_to_write(errno);
  const int error = errno;
  const bool missing = error == ENOENT || error == ENOTDIR;
  throw Error(missing ? ErrorCode::not_found : ErrorCode::unreadable, name_ + ": " + reason(error));
}

PosixFile::~PosixFile() {
  ::close(descriptor_);
}

void PosixFile::fail_to_write(int error) const {
  throw Error(ErrorCode::write_failed, name_ + ": " + reason(error));
}

std::uint64_t PosixFile::size() const {
  struct stat info = {};
  if (::fstat(descriptor_, &info) != 0)
    throw Error(ErrorCode::unreadable, name_ + ": " + reason(errno));
  return static_cast<std::uint64_t>(info.st_size);
}

bool PosixFile::read_at(std::uint64_t offset, std::span<std::uint8_t> target) const {
  while (!target.empty()) {
    const ssize_t count =
        ::pread(descriptor_, target.data(), target.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::unreadable, name_ + ": " + reason(errno));
    if (count == 0) return false;
    target = target.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return true;
}

void PosixFile::write_at(std::uint64_t offset, ConstBytes content) {
  while (!content.empty()) {
    const ssize_t count =
        ::pwrite(descriptor_, content.data(), content.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_to_write(errno);
    content = content.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void PosixFile::truncate(std::uint64_t bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail_to_write(errno);
}

void PosixFile::flush() {
  if (::fsync(descriptor_) != 0) fail_to_write(errno);
}

std::shared_ptr<std::uint8_t> PosixFile::map(std::uint64_t bytes) const {
  LIKENESS_CHECK(bytes > 0 && bytes <= size());
  // Private: whoever writes to the pixels by mistake changes neither the file nor other processes.
  void* memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor_, 0);
  if (memory == MAP_FAILED)
    throw Error(ErrorCode::unreadable, name_ + ": cannot map the file: " + reason(errno));
  return {static_cast<std::uint8_t*>(memory),
          [bytes](std::uint8_t* address) { ::munmap(address, bytes); }};
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw Error(ErrorCode::write_failed, to.string() + ": " + reason(errno));
}

}  // namespace likeness
