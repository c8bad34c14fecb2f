#include <string>

#include <likeness/core/error.h>
#include <png.h>

#include "image/encoder.h"

namespace likeness {

Bytes encode_png(const Image& image) {
  png_image header = {};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width());
  header.height = static_cast<png_uint_32>(image.height());
  header.format = image.has_alpha() ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  Bytes bytes(size);
  if (png_image_write_to_memory(&header, bytes.data(), &size, 0, image.pixels().data(), 0,
                                nullptr) == 0)
    throw Error(ErrorCode::write_failed,
                std::string("the picture could not be encoded as PNG: ") + header.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace likeness
