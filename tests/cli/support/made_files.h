#pragma once

/// Pictures, good and bad, that the tests make themselves.

#include <filesystem>
#include <string>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/image/image.h>

namespace likeness {

/// A smooth coloured pattern without a face.
Image pattern(int width, int height);

/// A small JPEG of it.
Bytes jpeg_bytes();

/// A PNG header that announces width × height pixels, and no pixels.
Bytes png_header(std::uint32_t width, std::uint32_t height);

/// An animation of two 1 × 1 pictures.
Bytes animated_gif();

/// `image` as a JPEG with four channels (inverted CMYK, as Adobe writes it).
Bytes cmyk_jpeg(const Image& image);

/// `image` in grey, as a JPEG with one channel.
Bytes grey_jpeg(const Image& image);

/// `image` with an alpha channel that is full everywhere.
Image with_alpha(const Image& image);

/// `image` with samples of 16 bits, as the format that `ending` names: ".png" or ".tiff".
Bytes sixteen_bits(const Image& image, const std::string& ending);

/// A JPEG with an EXIF block in front that says `orientation` (1…8).
Bytes with_exif_orientation(const Bytes& jpeg, int orientation);

/// The picture as it is stored in a file with `orientation`, so that turning it upright gives
/// `upright` back.
Image stored_with_orientation(const Image& upright, int orientation);

}  // namespace likeness
