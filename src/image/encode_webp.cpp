#include <memory>

#include <likeness/core/error.h>
#include <webp/encode.h>

#include "image/encoder.h"

namespace likeness {

Bytes encode_webp(const Image& image, int quality) {
  const auto encode = image.has_alpha() ? WebPEncodeRGBA : WebPEncodeRGB;
  std::uint8_t* output = nullptr;
  const std::size_t size =
      encode(image.pixels().data(), image.width(), image.height(), image.width() * image.channels(),
             static_cast<float>(quality), &output);
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> owner(output, &WebPFree);
  if (size == 0) throw Error(ErrorCode::write_failed, "the picture could not be encoded as WebP");
  return Bytes(output, output + size);
}

}  // namespace likeness
