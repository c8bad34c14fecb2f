#include "image/tiff_file.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace likeness {
namespace {

struct OptionsDeleter {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// What libtiff may take at once: a strip may hold the whole picture, eight bytes a pixel. A
/// hostile file chooses the lengths of its strips and tables.
tmsize_t max_allocation(const DecodeLimits& limits) {
  constexpr std::int64_t kTables = std::int64_t{16} << 20;
  constexpr std::int64_t kLargest = std::int64_t{1} << 40;  // no overflow, whatever the limits
  return std::max(kTables, 8 * std::min(limits.max_pixels, kLargest));
}

}  // namespace

TiffFile::TiffFile(const Encoded& encoded) : encoded_(encoded) {
  const std::unique_ptr<TIFFOpenOptions, OptionsDeleter> options(TIFFOpenOptionsAlloc());
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), max_allocation(encoded.limits));
  // "m": through the functions below, without mapping.
  tiff_.reset(TIFFClientOpenExt("", "rm", this, read, write, seek, close, size, nullptr, nullptr,
                                options.get()));
  if (tiff_ == nullptr) throw_corrupt();
}

void TiffFile::throw_corrupt() const {
  std::string reason = "truncated or damaged TIFF";
  if (message_.front() != '\0') reason += " (" + std::string(message_.data()) + ")";
  encoded_.throw_corrupt(reason);
}

int TiffFile::on_error(TIFF*, void* user, const char*, const char* format, std::va_list args) {
  auto* self = static_cast<TiffFile*>(user);
  // The first message names the cause.
  if (self->message_.front() == '\0')
    std::vsnprintf(self->message_.data(), self->message_.size(), format, args);
  return 1;
}

int TiffFile::on_warning(TIFF*, void*, const char*, const char*, std::va_list) {
  return 1;
}

tmsize_t TiffFile::read(thandle_t handle, void* destination, tmsize_t count) {
  auto* self = static_cast<TiffFile*>(handle);
  const auto bytes = self->encoded_.bytes;
  if (count <= 0 || self->position_ >= bytes.size()) return 0;
  const std::size_t available = bytes.size() - self->position_;
  const std::size_t used = std::min(available, static_cast<std::size_t>(count));
  std::memcpy(destination, bytes.data() + self->position_, used);
  self->position_ += used;
  return static_cast<tmsize_t>(used);
}

tmsize_t TiffFile::write(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t TiffFile::seek(thandle_t handle, toff_t offset, int whence) {
  auto* self = static_cast<TiffFile*>(handle);
  if (whence == SEEK_CUR) offset += self->position_;
  if (whence == SEEK_END) offset += self->encoded_.bytes.size();
  self->position_ = offset;
  return offset;
}

int TiffFile::close(thandle_t) {
  return 0;
}

toff_t TiffFile::size(thandle_t handle) {
  return static_cast<TiffFile*>(handle)->encoded_.bytes.size();
}

}  // namespace likeness
