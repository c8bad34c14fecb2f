#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

#include "image/encoder.h"

namespace likeness {
namespace {

std::optional<ImageFormat> format_of_ending(const std::filesystem::path& path) {
  static constexpr std::array<std::pair<std::string_view, ImageFormat>, 7> kEndings = {{
      {".png", ImageFormat::png},
      {".jpg", ImageFormat::jpeg},
      {".jpeg", ImageFormat::jpeg},
      {".webp", ImageFormat::webp},
      {".bmp", ImageFormat::bmp},
      {".tif", ImageFormat::tiff},
      {".tiff", ImageFormat::tiff},
  }};
  std::string ending = path.extension().string();
  for (char& letter : ending)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  for (const auto& [known, format] : kEndings)
    if (ending == known) return format;
  return std::nullopt;
}

void check_side(const Image& image, std::string_view format, int largest) {
  if (std::max(image.width(), image.height()) <= largest) return;
  throw Error(ErrorCode::too_large, std::to_string(image.width()) + " x " +
                                        std::to_string(image.height()) + " pixels: a " +
                                        std::string(format) + " holds at most " +
                                        std::to_string(largest) + " a side; write a PNG");
}

}  // namespace

ImageFormat format_from_path(const std::filesystem::path& path) {
  if (const auto format = format_of_ending(path)) return *format;
  throw Error(ErrorCode::invalid_argument,
              path.string() +
                  ": the ending names no picture format that can be written; use .png, .jpg, "
                  ".jpeg, .webp, .bmp, .tif or .tiff");
}

bool has_image_ending(const std::filesystem::path& path) {
  return format_of_ending(path).has_value();
}

Bytes encode_image(const Image& image, ImageFormat format, int quality) {
  LIKENESS_CHECK(!image.empty());
  LIKENESS_CHECK(quality >= 1 && quality <= 100);
  switch (format) {
    case ImageFormat::jpeg:
      check_side(image, "JPEG", 65'500);
      return encode_jpeg(without_alpha(image), quality);
    case ImageFormat::webp:
      check_side(image, "WebP", 16'383);
      return encode_webp(image, quality);
    case ImageFormat::bmp:
      return encode_bmp(without_alpha(image));
    case ImageFormat::tiff:
      return encode_tiff(image);
    case ImageFormat::png:
      break;
  }
  return encode_png(image);
}

void write_image(const std::filesystem::path& path, const Image& image, int quality) {
  write_file(path, encode_image(image, format_from_path(path), quality));
}

}  // namespace likeness
