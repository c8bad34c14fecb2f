#pragma once

/// The encoders of the single formats. Each requires a picture that is not empty and a quality from
/// 1 to 100, and throws Error(write_failed) with the library's reason when that gives up.

#include <likeness/core/files.h>
#include <likeness/image/image.h>

namespace likeness {

Bytes encode_jpeg(const Image& rgb, int quality);
Bytes encode_png(const Image& image);
Bytes encode_webp(const Image& image, int quality);
Bytes encode_bmp(const Image& rgb);
Bytes encode_tiff(const Image& image);

}  // namespace likeness
