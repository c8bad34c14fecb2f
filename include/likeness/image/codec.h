#pragma once

/// Pictures from and to files: JPEG, PNG, WebP, BMP, TIFF.
///
/// Whatever a file holds (grey, alpha, 16 bits, CMYK, palette, EXIF-rotated), the result is an
/// upright 8-bit RGB or RGBA `Image` in sRGB. Limits are checked on the header, before memory is
/// taken. Damage is an error, never a picture that is grey in part; nothing is printed. All
/// functions are safe to call from many threads.
///
/// Of several pictures in a file (pages, animations) the first is shown. A format is recognised by
/// its content, not by the name of the file. Samples of 16 bits are rounded, those of float TIFFs
/// count from 0 to 1. An embedded ICC profile is converted to sRGB (perceptual, by Little CMS), and
/// so is PNG's gAMA; a profile that is broken or does not fit the samples is ignored, and so are
/// BMP's profiles, PNG's cHRM and the colour space that EXIF names without a profile. CMYK without
/// a profile is converted by (1 − ink) · (1 − black). Not read: animated or other GIFs, HEIC, AVIF,
/// JPEG XL, JPEG 2000, camera raw files, JPEGs of 12 bits or lossless.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <likeness/core/files.h>
#include <likeness/image/image.h>

namespace likeness {

/// What a picture may be at most.
struct DecodeLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  ///< of the encoded file
  std::int64_t max_pixels = 100'000'000;           ///< width · height
  int max_dimension = 65'500;                      ///< width and height, each
};

/// Decodes `bytes`; `name` stands for the picture in errors.
/// Throws Error: unsupported_format (not one of the formats, or an animation: its message says
/// which), corrupt_file (empty, truncated, broken), too_large.
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                   const DecodeLimits& limits = {});

/// Reads and decodes the file at `path`, or standard input when it is "-".
/// Throws Error as decode_image and read_file do.
Image read_image(const std::filesystem::path& path, const DecodeLimits& limits = {});

enum class ImageFormat { png, jpeg, webp, bmp, tiff };

/// The format that the ending of `path` names (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff; any
/// case). Throws Error(invalid_argument) for another ending.
ImageFormat format_from_path(const std::filesystem::path& path);

/// True when the ending of `path` is one that `format_from_path` knows.
bool has_image_ending(const std::filesystem::path& path);

/// Encodes `image`; `quality` 1…100 for JPEG and WebP. JPEG and BMP drop alpha over white. JPEG
/// keeps colour at full size from quality 90 on. Requires a picture that is not empty. Throws
/// Error(too_large) when the format cannot hold the size.
Bytes encode_image(const Image& image, ImageFormat format, int quality = 95);

/// Encodes in the format that the path's ending names and writes the file atomically.
/// Throws Error: invalid_argument (ending), too_large (see encode_image), write_failed.
void write_image(const std::filesystem::path& path, const Image& image, int quality = 95);

}  // namespace likeness
