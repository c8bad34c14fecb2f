#include "image/file_kind.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace likeness {
namespace {

using std::string_view_literals::operator""sv;

/// `text` at `offset` from the beginning.
struct Signature {
  std::size_t offset;
  std::string_view text;
};

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool matches(std::string_view text, const Signature& signature) {
  return text.size() >= signature.offset &&
         text.substr(signature.offset).starts_with(signature.text);
}

struct Named {
  Signature signature;
  std::string_view name;
};

constexpr std::array kOtherFiles = {
    Named{{0, "GIF8"sv}, "a GIF"},
    Named{{0, "\xFF\x0A"sv}, "a JPEG XL picture"},
    Named{{0, "\0\0\0\x0CJXL "sv}, "a JPEG XL picture"},
    Named{{0, "\0\0\0\x0CjP  "sv}, "a JPEG 2000 picture"},
    Named{{0, "\xFF\x4F\xFF\x51"sv}, "a JPEG 2000 picture"},
    Named{{0, "8BPS"sv}, "a Photoshop document"},
    Named{{0, "\0\0\1\0"sv}, "an icon (ICO)"},
    Named{{0, "\x76\x2F\x31\x01"sv}, "an OpenEXR picture"},
    Named{{0, "#?RADIANCE"sv}, "a Radiance HDR picture"},
    Named{{0, "FUJIFILMCCD-RAW"sv}, "a camera's raw file"},
    Named{{128, "DICM"sv}, "a DICOM file"},
    Named{{0, "%PDF"sv}, "a PDF document"},
    Named{{0, "%!PS"sv}, "a PostScript document"},
    Named{{0, "PK\3\4"sv}, "a ZIP archive"},
    Named{{0, "\x1F\x8B"sv}, "a gzip archive"},
    Named{{0, "\x1A\x45\xDF\xA3"sv}, "a video"},
    Named{{8, "AVI "sv}, "a video"},
    Named{{0,
           "\x7F"
           "ELF"sv},
          "a program"},
};

/// The brands of the container that HEIC, AVIF, raw files and videos share.
constexpr std::array kBrands = {
    Named{{8, "avif"sv}, "an AVIF picture"},    Named{{8, "avis"sv}, "an animated AVIF picture"},
    Named{{8, "heic"sv}, "a HEIC picture"},     Named{{8, "heix"sv}, "a HEIC picture"},
    Named{{8, "heim"sv}, "a HEIC picture"},     Named{{8, "heis"sv}, "a HEIC picture"},
    Named{{8, "hevc"sv}, "a HEIC picture"},     Named{{8, "hevx"sv}, "a HEIC picture"},
    Named{{8, "mif1"sv}, "a HEIF picture"},     Named{{8, "msf1"sv}, "a HEIF picture"},
    Named{{8, "crx "sv}, "a camera's raw file"}};

std::optional<std::string_view> markup_name(std::string_view text) {
  text = text.substr(0, 1024);
  std::string lower(text.size(), '\0');
  std::transform(text.begin(), text.end(), lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  if (lower.find("<svg") != std::string::npos) return "an SVG drawing";
  if (lower.find("<html") != std::string::npos || lower.find("<!doctype html") != std::string::npos)
    return "a web page";
  return std::nullopt;
}

/// Whether the beginning is UTF-8 without control characters; the last letter may be cut.
bool is_text(std::string_view text) {
  int missing = 0;  // bytes of the letter that has begun
  for (const char letter : text.substr(0, 512)) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool continues = (byte & 0xC0) == 0x80;
    if (continues != (missing > 0)) return false;
    if (continues) {
      --missing;
    } else if (byte >= 0xC2 && byte <= 0xF4) {
      missing = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    } else if (byte == 0x7F || byte >= 0x80 ||
               (byte < 0x20 && "\t\n\r\f"sv.find(letter) == std::string_view::npos)) {
      return false;
    }
  }
  return true;
}

std::string first_bytes(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(8, bytes.size()))) {
    if (!text.empty()) text += ' ';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

std::optional<ImageFormat> recognise_format(std::span<const std::uint8_t> bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\xFF\xD8\xFF"sv)) return ImageFormat::jpeg;
  if (text.starts_with("\x89PNG\r\n\x1A\n"sv)) return ImageFormat::png;
  if (text.starts_with("RIFF"sv) && matches(text, {8, "WEBP"sv})) return ImageFormat::webp;
  if (text.starts_with("BM"sv)) return ImageFormat::bmp;
  // The third number is TIFF's version: 42, or 43 for files beyond 4 GB.
  for (const auto start : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (text.starts_with(start)) return ImageFormat::tiff;
  return std::nullopt;
}

std::string describe_unknown(std::span<const std::uint8_t> bytes) {
  const std::string_view text = as_text(bytes);
  for (const Named& named : kOtherFiles)
    if (matches(text, named.signature)) return std::string(named.name);
  if (matches(text, {4, "ftyp"sv})) {
    for (const Named& named : kBrands)
      if (matches(text, named.signature)) return std::string(named.name);
    return "a video";
  }
  if (const auto markup = markup_name(text)) return std::string(*markup);
  if (is_text(text)) return "text";
  return "not a known kind of picture (its first bytes are " + first_bytes(bytes) + ")";
}

}  // namespace likeness
