#pragma once

#include <array>
#include <cstdarg>
#include <memory>
#include <string>

#include <tiffio.h>

#include "image/decoder.h"

namespace likeness {

/// A TIFF in memory, at its first page. libtiff's messages are kept, never printed.
class TiffFile {
 public:
  /// Throws Error(corrupt_file) when the bytes do not begin a TIFF.
  explicit TiffFile(const Encoded& encoded);
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* get() const { return tiff_.get(); }
  [[noreturn]] void throw_corrupt() const;

  /// A field of one number, or its default, or 0.
  template <class Number>
  Number field(std::uint32_t tag) const {
    Number value = 0;
    TIFFGetFieldDefaulted(tiff_.get(), tag, &value);
    return value;
  }

 private:
  static int on_error(TIFF*, void* user, const char* module, const char* format, std::va_list args);
  static int on_warning(TIFF*, void*, const char*, const char*, std::va_list);
  static tmsize_t read(thandle_t handle, void* destination, tmsize_t count);
  static tmsize_t write(thandle_t, void*, tmsize_t);
  static toff_t seek(thandle_t handle, toff_t offset, int whence);
  static int close(thandle_t);
  static toff_t size(thandle_t handle);

  struct Closer {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  const Encoded& encoded_;
  std::uint64_t position_ = 0;
  std::array<char, 256> message_ = {};
  std::unique_ptr<TIFF, Closer> tiff_;
};

}  // namespace likeness
