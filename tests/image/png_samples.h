#pragma once

/// PNG files of every kind, written by libpng.

#include <csetjmp>
#include <stdexcept>
#include <vector>

#include <likeness/image/image.h>
#include <png.h>

#include "image/encoded_samples.h"

namespace likeness {

struct PngOptions {
  int bits =
      8;  ///< a sample; rows are packed as PNG packs them, 16 bits with the greater byte first
  int color_type = PNG_COLOR_TYPE_RGB;
  bool interlaced = false;
  std::vector<png_color> palette = {};
  Bytes palette_alpha = {};
  double gamma = 0;
  Bytes exif = {};
  Bytes icc_profile = {};
};

inline Bytes write_png(int width, int height, std::vector<Bytes> rows,
                       const PngOptions& options = {}) {
  Bytes result;
  png_structp png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, nullptr,
      [](png_structp, png_const_charp message) { throw std::runtime_error(message); }, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &result,
      [](png_structp writer, png_bytep data, std::size_t size) {
        auto* bytes = static_cast<Bytes*>(png_get_io_ptr(writer));
        bytes->insert(bytes->end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height),
               options.bits, options.color_type,
               options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!options.palette.empty())
    png_set_PLTE(png, info, options.palette.data(), static_cast<int>(options.palette.size()));
  if (!options.palette_alpha.empty())
    png_set_tRNS(png, info, options.palette_alpha.data(),
                 static_cast<int>(options.palette_alpha.size()), nullptr);
  if (options.gamma > 0) png_set_gAMA(png, info, options.gamma);
  Bytes exif = options.exif;
  if (!exif.empty()) png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
  if (!options.icc_profile.empty())
    png_set_iCCP(png, info, "profile", PNG_COMPRESSION_TYPE_BASE, options.icc_profile.data(),
                 static_cast<png_uint_32>(options.icc_profile.size()));
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (Bytes& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return result;
}

inline Bytes write_png(const Image& image, PngOptions options = {}) {
  std::vector<Bytes> rows;
  for (int y = 0; y < image.height(); ++y)
    rows.emplace_back(image.row(y),
                      image.row(y) + std::ptrdiff_t{image.width()} * image.channels());
  if (image.has_alpha()) options.color_type = PNG_COLOR_TYPE_RGB_ALPHA;
  return write_png(image.width(), image.height(), rows, options);
}

/// The beginning of a PNG that claims this size.
inline Bytes png_header(std::uint32_t width, std::uint32_t height) {
  Bytes bytes = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  append_big(bytes, width, 4);
  append_big(bytes, height, 4);
  append(bytes, Bytes{8, 2, 0, 0, 0});
  return bytes;
}

}  // namespace likeness
