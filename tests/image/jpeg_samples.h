#pragma once

/// JPEG files of every kind, written by libjpeg.

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <jpeglib.h>
#include <likeness/image/image.h>

#include "image/encoded_samples.h"

namespace likeness {

struct JpegOptions {
  int quality = 95;
  bool progressive = false;
  bool adobe_marker = false;  ///< CMYK: inverted, as Adobe's programs write it
  bool ycck = false;          ///< CMYK: stored as YCCK
  int restart_rows = 0;
  Bytes exif = {};  ///< an APP1 segment
  Bytes icc_profile = {};
};

/// `samples` of `components` (1 grey, 3 RGB, 4 CMYK as libjpeg expects it) a pixel.
inline Bytes write_jpeg(int width, int height, int components,
                        const std::vector<std::uint8_t>& samples, const JpegOptions& options = {}) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = components;
  info.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (components == 4) jpeg_set_colorspace(&info, options.ycck ? JCS_YCCK : JCS_CMYK);
  info.write_Adobe_marker = options.adobe_marker ? TRUE : FALSE;
  for (int i = 0; i < info.num_components; ++i)
    info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
  jpeg_set_quality(&info, options.quality, TRUE);
  if (options.progressive) jpeg_simple_progression(&info);
  info.restart_in_rows = options.restart_rows;
  jpeg_start_compress(&info, TRUE);
  if (!options.exif.empty())
    jpeg_write_marker(&info, JPEG_APP0 + 1, options.exif.data(),
                      static_cast<unsigned int>(options.exif.size()));
  if (!options.icc_profile.empty())
    jpeg_write_icc_profile(&info, options.icc_profile.data(),
                           static_cast<unsigned int>(options.icc_profile.size()));
  const auto stride = static_cast<std::size_t>(width) * static_cast<std::size_t>(components);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(samples.data() + info.next_scanline * stride);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes bytes(buffer, buffer + size);
  std::free(buffer);
  return bytes;
}

inline Bytes write_jpeg(const Image& rgb, const JpegOptions& options = {}) {
  return write_jpeg(rgb.width(), rgb.height(), 3, {rgb.pixels().begin(), rgb.pixels().end()},
                    options);
}

/// The beginning of a JPEG that claims this size.
inline Bytes jpeg_header(int width, int height) {
  Bytes bytes = {0xFF, 0xD8, 0xFF, 0xC0};
  append_big(bytes, 17, 2);
  append_big(bytes, 8, 1);  // bits
  append_big(bytes, static_cast<std::uint64_t>(height), 2);
  append_big(bytes, static_cast<std::uint64_t>(width), 2);
  append(bytes, Bytes{3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0});
  return bytes;
}

}  // namespace likeness
