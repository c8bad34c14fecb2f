#pragma once

/// TIFF files of every kind, written by libtiff.

#include <stdexcept>
#include <vector>

#include <likeness/image/image.h>
#include <tiffio.h>

#include "image/encoded_samples.h"
#include "support/temporary_folder.h"

namespace likeness {

struct TiffOptions {
  int bits = 8;
  int samples = 3;
  int photometric = PHOTOMETRIC_RGB;
  int format = SAMPLEFORMAT_UINT;
  int compression = COMPRESSION_NONE;
  int extra = -1;  ///< EXTRASAMPLE_…; -1 leaves the field out
  int orientation = 0;
  int tile = 0;  ///< side of square tiles; 0 for strips
  bool planes = false;
  int rows_per_strip = 4;
  bool big_endian = false;
  int subfile = 0;
  std::vector<std::uint16_t> palette = {};  ///< reds, greens, blues
  Bytes icc_profile = {};
  int pages = 1;  ///< the further ones are black
};

namespace detail {

inline void set_fields(TIFF* tiff, int width, int height, const TiffOptions& options) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, options.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, options.samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, options.photometric);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, options.format);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, options.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               options.planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (options.orientation > 0) TIFFSetField(tiff, TIFFTAG_ORIENTATION, options.orientation);
  if (options.subfile > 0) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, options.subfile);
  if (options.extra >= 0) {
    const auto kind = static_cast<std::uint16_t>(options.extra);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (!options.palette.empty()) {
    const std::size_t count = options.palette.size() / 3;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, options.palette.data(), options.palette.data() + count,
                 options.palette.data() + 2 * count);
  }
  if (!options.icc_profile.empty())
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(options.icc_profile.size()),
                 options.icc_profile.data());
  if (options.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, options.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, options.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, options.rows_per_strip);
  }
}

inline void write_tiles(TIFF* tiff, int width, int height, const std::vector<Bytes>& rows,
                        const TiffOptions& options) {
  const auto pixel = static_cast<std::size_t>(options.samples * options.bits / 8);
  const auto side = static_cast<std::size_t>(options.tile);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); y += side)
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); x += side) {
      Bytes tile(side * side * pixel);
      for (std::size_t row = 0; row < side && y + row < rows.size(); ++row)
        for (std::size_t i = 0; i < side * pixel && x * pixel + i < rows[y + row].size(); ++i)
          tile[row * side * pixel + i] = rows[y + row][x * pixel + i];
      TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                    0, 0);
    }
}

inline void write_page(TIFF* tiff, int width, int height, std::vector<Bytes> rows,
                       const TiffOptions& options) {
  set_fields(tiff, width, height, options);
  if (options.tile > 0) {
    write_tiles(tiff, width, height, rows, options);
  } else {
    // Separate planes: the rows of one plane follow those of the other.
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto y = static_cast<std::uint32_t>(i % static_cast<std::size_t>(height));
      const auto plane = static_cast<std::uint16_t>(i / static_cast<std::size_t>(height));
      if (TIFFWriteScanline(tiff, rows[i].data(), y, plane) < 0)
        throw std::runtime_error("TIFFWriteScanline");
    }
  }
  TIFFWriteDirectory(tiff);
}

}  // namespace detail

/// `rows` hold the samples in this machine's byte order.
inline Bytes write_tiff(int width, int height, const std::vector<Bytes>& rows,
                        const TiffOptions& options = {}) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "sample.tiff";
  TIFF* tiff = TIFFOpen(path.c_str(), options.big_endian ? "wb" : "wl");
  if (tiff == nullptr) throw std::runtime_error("TIFFOpen");
  detail::write_page(tiff, width, height, rows, options);
  for (int page = 1; page < options.pages; ++page) {
    std::vector<Bytes> black = rows;
    for (Bytes& row : black) row.assign(row.size(), 0);
    detail::write_page(tiff, width, height, black, options);
  }
  TIFFClose(tiff);
  return read_file(path, std::size_t{1} << 24);
}

inline Bytes write_tiff(const Image& image, TiffOptions options = {}) {
  options.samples = image.channels();
  std::vector<Bytes> rows;
  for (int y = 0; y < image.height(); ++y)
    rows.emplace_back(image.row(y),
                      image.row(y) + std::ptrdiff_t{image.width()} * image.channels());
  return write_tiff(image.width(), image.height(), rows, options);
}

/// An uncompressed RGB TIFF that claims this size and ends before its pixels.
inline Bytes tiff_header(std::uint32_t width, std::uint32_t height) {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> fields = {
      {TIFFTAG_IMAGEWIDTH, width},
      {TIFFTAG_IMAGELENGTH, height},
      {TIFFTAG_BITSPERSAMPLE, 8},
      {TIFFTAG_COMPRESSION, COMPRESSION_NONE},
      {TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB},
      {TIFFTAG_STRIPOFFSETS, 500},
      {TIFFTAG_SAMPLESPERPIXEL, 3},
      {TIFFTAG_ROWSPERSTRIP, height},
      {TIFFTAG_STRIPBYTECOUNTS, 3 * width * height},
  };
  Bytes bytes = {'I', 'I', 42, 0, 8, 0, 0, 0};
  append_little(bytes, fields.size(), 2);
  for (const auto& [tag, value] : fields) {
    const bool is_short = tag == TIFFTAG_BITSPERSAMPLE || tag == TIFFTAG_COMPRESSION ||
                          tag == TIFFTAG_PHOTOMETRIC || tag == TIFFTAG_SAMPLESPERPIXEL;
    append_little(bytes, tag, 2);
    append_little(bytes, is_short ? 3 : 4, 2);
    append_little(bytes, 1, 4);
    append_little(bytes, value, 4);
  }
  append_little(bytes, 0, 4);
  return bytes;
}

}  // namespace likeness
