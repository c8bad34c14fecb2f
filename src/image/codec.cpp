#include <algorithm>
#include <string>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>

#include "image/decoder.h"
#include "image/file_kind.h"
#include "image/icc.h"
#include "image/orientation.h"

namespace likeness {
namespace {

Decoded decode(const Encoded& encoded, ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return decode_jpeg(encoded);
    case ImageFormat::png:
      return decode_png(encoded);
    case ImageFormat::webp:
      return decode_webp(encoded);
    case ImageFormat::bmp:
      return decode_bmp(encoded);
    case ImageFormat::tiff:
      break;
  }
  return decode_tiff(encoded);
}

/// Without a profile: grey as equal parts, inks as filters one behind the other.
Image to_rgb(Decoded&& decoded) {
  const bool alpha =
      decoded.layout == SampleLayout::grey_alpha || decoded.layout == SampleLayout::rgba;
  if (decoded.layout == SampleLayout::rgb || decoded.layout == SampleLayout::rgba)
    return Image(decoded.width, decoded.height, alpha ? 4 : 3, std::move(decoded.samples));
  Image image(decoded.width, decoded.height, alpha ? 4 : 3);
  std::uint8_t* to = image.pixels().data();
  const auto step = static_cast<std::size_t>(sample_count(decoded.layout));
  for (std::size_t i = 0; i < decoded.samples.size(); i += step) {
    const std::uint8_t* from = decoded.samples.data() + i;
    if (decoded.layout == SampleLayout::cmyk) {
      for (int c = 0; c < 3; ++c)
        *to++ = static_cast<std::uint8_t>(((255 - from[c]) * (255 - from[3]) + 127) / 255);
    } else {
      to = std::fill_n(to, 3, from[0]);
      if (alpha) *to++ = from[1];
    }
  }
  return image;
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                   const DecodeLimits& limits) {
  const Encoded encoded = {bytes, name, limits};
  if (bytes.empty()) encoded.throw_corrupt("the file is empty");
  if (bytes.size() > limits.max_bytes)
    throw Error(ErrorCode::too_large, name + ": " + std::to_string(bytes.size()) +
                                          " bytes, the limit is " +
                                          std::to_string(limits.max_bytes));
  const auto format = recognise_format(bytes);
  if (!format)
    encoded.throw_unsupported(
        describe_unknown(bytes) +
        "; JPEG, PNG, WebP, BMP and TIFF are read, so convert it to JPEG or PNG first");
  Decoded decoded = decode(encoded, *format);
  const int orientation = decoded.orientation;
  std::optional<Image> converted = convert_by_profile(decoded);
  return upright(converted ? *std::move(converted) : to_rgb(std::move(decoded)), orientation);
}

Image read_image(const std::filesystem::path& path, const DecodeLimits& limits) {
  if (path == "-")
    return decode_image(read_standard_input(limits.max_bytes), "standard input", limits);
  return decode_image(read_file(path, limits.max_bytes), path.string(), limits);
}

}  // namespace likeness
