#pragma once

/// WebP files with metadata and animations, put together from plain ones.

#include <string_view>
#include <vector>

#include <likeness/image/codec.h>

#include "image/encoded_samples.h"

namespace likeness {

inline Bytes webp_chunk(std::string_view name, const Bytes& payload) {
  Bytes bytes;
  append(bytes, name);
  append_little(bytes, payload.size(), 4);
  append(bytes, payload);
  if (payload.size() % 2 == 1) bytes.push_back(0);
  return bytes;
}

inline Bytes webp_file(const std::vector<Bytes>& chunks) {
  Bytes content;
  append(content, "WEBP");
  for (const Bytes& chunk : chunks) append(content, chunk);
  Bytes bytes;
  append(bytes, "RIFF");
  append_little(bytes, content.size(), 4);
  append(bytes, content);
  return bytes;
}

/// The chunk with the pixels of a plain WebP file.
inline Bytes webp_pixels(const Image& image, int quality) {
  const Bytes file = encode_image(image, ImageFormat::webp, quality);
  return {file.begin() + 12, file.end()};
}

inline Bytes webp_canvas(int width, int height, int flags) {
  Bytes payload;
  append_little(payload, static_cast<std::uint64_t>(flags), 4);
  append_little(payload, static_cast<std::uint64_t>(width - 1), 3);
  append_little(payload, static_cast<std::uint64_t>(height - 1), 3);
  return webp_chunk("VP8X", payload);
}

/// An RGB picture with metadata.
inline Bytes extended_webp(const Image& rgb, const Bytes& exif, const Bytes& icc_profile = {}) {
  constexpr int kIcc = 0x20;
  constexpr int kExif = 0x08;
  std::vector<Bytes> chunks = {webp_canvas(
      rgb.width(), rgb.height(), (exif.empty() ? 0 : kExif) | (icc_profile.empty() ? 0 : kIcc))};
  if (!icc_profile.empty()) chunks.push_back(webp_chunk("ICCP", icc_profile));
  chunks.push_back(webp_pixels(rgb, 95));
  if (!exif.empty()) chunks.push_back(webp_chunk("EXIF", exif));
  return webp_file(chunks);
}

/// An animation of two frames, the first one at (x, y), both even.
inline Bytes animated_webp(int width, int height, const Image& first, int x, int y) {
  constexpr int kAnimation = 0x02;
  std::vector<Bytes> chunks = {webp_canvas(width, height, kAnimation),
                               webp_chunk("ANIM", Bytes{255, 255, 255, 255, 0, 0})};
  for (const Image& frame : {first, Image(2, 2)}) {
    Bytes payload;
    append_little(payload, static_cast<std::uint64_t>(x / 2), 3);
    append_little(payload, static_cast<std::uint64_t>(y / 2), 3);
    append_little(payload, static_cast<std::uint64_t>(frame.width() - 1), 3);
    append_little(payload, static_cast<std::uint64_t>(frame.height() - 1), 3);
    append_little(payload, 100, 3);  // ms
    append_little(payload, 0, 1);
    append(payload, webp_pixels(frame, 95));
    chunks.push_back(webp_chunk("ANMF", payload));
  }
  return webp_file(chunks);
}

}  // namespace likeness
