#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include <likeness/core/error.h>
#include <tiffio.h>

#include "image/encoder.h"

namespace likeness {
namespace {

/// The file in memory that libtiff writes to.
struct Output {
  Bytes bytes;
  std::uint64_t position = 0;
  std::array<char, 256> message = {};

  static int on_error(TIFF*, void* user, const char*, const char* format, std::va_list arguments) {
    auto* self = static_cast<Output*>(user);
    std::vsnprintf(self->message.data(), self->message.size(), format, arguments);
    return 1;
  }
  static tmsize_t read(thandle_t handle, void* destination, tmsize_t count) {
    auto* self = static_cast<Output*>(handle);
    const std::uint64_t end = std::min<std::uint64_t>(
        self->bytes.size(), self->position + static_cast<std::uint64_t>(count));
    if (self->position >= end) return 0;
    const auto used = static_cast<std::size_t>(end - self->position);
    std::memcpy(destination, self->bytes.data() + self->position, used);
    self->position = end;
    return static_cast<tmsize_t>(used);
  }
  static tmsize_t write(thandle_t handle, void* source, tmsize_t count) {
    auto* self = static_cast<Output*>(handle);
    const std::uint64_t end = self->position + static_cast<std::uint64_t>(count);
    if (self->bytes.size() < end) self->bytes.resize(end);
    std::memcpy(self->bytes.data() + self->position, source, static_cast<std::size_t>(count));
    self->position = end;
    return count;
  }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto* self = static_cast<Output*>(handle);
    if (whence == SEEK_CUR) offset += self->position;
    if (whence == SEEK_END) offset += self->bytes.size();
    self->position = offset;
    return offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return static_cast<Output*>(handle)->bytes.size(); }
};

struct Closer {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

bool write(TIFF* tiff, const Image& image) {
  constexpr std::uint16_t kAlpha = EXTRASAMPLE_UNASSALPHA;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, image.width());
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, image.height());
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, image.channels());
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  if (image.has_alpha()) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kAlpha);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  Bytes row(static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.channels()));
  for (int y = 0; y < image.height(); ++y) {
    std::copy_n(image.row(y), row.size(), row.data());  // libtiff's predictor changes it in place
    if (TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) < 0) return false;
  }
  return TIFFFlush(tiff) != 0;
}

}  // namespace

Bytes encode_tiff(const Image& image) {
  Output output;
  const std::unique_ptr<TIFFOpenOptions, Closer> options(TIFFOpenOptionsAlloc());
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), Output::on_error, &output);
  TIFFOpenOptionsSetWarningHandlerExtR(
      options.get(), [](TIFF*, void*, const char*, const char*, std::va_list) { return 1; },
      nullptr);
  std::unique_ptr<TIFF, Closer> tiff(
      TIFFClientOpenExt("", "w", &output, Output::read, Output::write, Output::seek, Output::close,
                        Output::size, nullptr, nullptr, options.get()));
  if (tiff == nullptr || !write(tiff.get(), image))
    throw Error(ErrorCode::write_failed,
                std::string("the picture could not be encoded as TIFF: ") + output.message.data());
  tiff.reset();
  return std::move(output.bytes);
}

}  // namespace likeness
