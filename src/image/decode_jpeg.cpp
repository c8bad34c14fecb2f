#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "image/decoder.h"
#include "image/exif.h"
#include "image/jpeg_library.h"

namespace likeness {
namespace {

/// libjpeg goes on after damage and paints the rest grey; what costs pixels is an error here. Left
/// are warnings about harmless things, such as bytes between segments.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      JpegErrors::fail(info);
    default:
      break;
  }
}

/// A hostile file of a few kilobytes can ask for thousands of passes over a large picture.
void on_progress(j_common_ptr info) {
  constexpr int kMaxScans = 200;
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(info);
  if (decompress->input_scan_number > kMaxScans) {
    info->err->msg_code = JERR_BAD_PROGRESSION;
    JpegErrors::fail(info);
  }
}

bool is_unsupported(int code) {
  return code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION ||
         code == JERR_CONVERSION_NOTIMPL || code == JERR_ARITH_NOTIMPL;
}

class JpegReader {
 public:
  explicit JpegReader(const Encoded& encoded) : encoded_(encoded) {
    info_.err = errors_.manager();
    errors_.base.emit_message = on_message;
    progress_.progress_monitor = on_progress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  Decoded decode() {
    const bool complete = read_header();
    // A file that ends behind its size is judged by its size first.
    if (info_.image_width > 0 && info_.image_height > 0)
      encoded_.check_size(info_.image_width, info_.image_height);
    if (!complete) throw_failure();
    Decoded decoded;
    decoded.orientation = orientation();
    if (!start()) throw_failure();
    decoded.icc_profile = icc_profile();
    decoded.allocate(static_cast<int>(info_.output_width), static_cast<int>(info_.output_height),
                     layout());
    if (!read_rows(decoded.samples.data(), decoded.stride())) throw_failure();
    // Adobe's programs store CMYK inverted, and say so by their marker.
    if (decoded.layout == SampleLayout::cmyk && info_.saw_Adobe_marker)
      for (std::uint8_t& sample : decoded.samples) sample = static_cast<std::uint8_t>(255 - sample);
    return decoded;
  }

 private:
  bool read_header() {
    if (setjmp(errors_.escape) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, encoded_.bytes.data(), encoded_.bytes.size());
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(&info_, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  bool start() {
    if (setjmp(errors_.escape) != 0) return false;
    switch (info_.jpeg_color_space) {
      case JCS_GRAYSCALE:
        info_.out_color_space = JCS_GRAYSCALE;
        break;
      case JCS_CMYK:
      case JCS_YCCK:
        info_.out_color_space = JCS_CMYK;
        break;
      default:
        info_.out_color_space = JCS_RGB;
    }
    jpeg_start_decompress(&info_);
    return true;
  }

  bool read_rows(std::uint8_t* samples, std::size_t stride) {
    if (setjmp(errors_.escape) != 0) return false;
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = samples + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  SampleLayout layout() const {
    switch (info_.out_color_space) {
      case JCS_GRAYSCALE:
        return SampleLayout::grey;
      case JCS_CMYK:
        return SampleLayout::cmyk;
      default:
        return SampleLayout::rgb;
    }
  }

  int orientation() const {
    for (auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const std::span<const std::uint8_t> block(marker->data, marker->data_length);
      // APP1 holds XMP as well.
      constexpr std::array<std::uint8_t, 6> kExif = {'E', 'x', 'i', 'f', 0, 0};
      if (marker->marker == JPEG_APP0 + 1 && block.size() > kExif.size() &&
          std::equal(kExif.begin(), kExif.end(), block.begin()))
        return exif_orientation(block);
    }
    return 1;
  }

  Bytes icc_profile() {
    JOCTET* data = nullptr;
    unsigned int size = 0;
    if (!jpeg_read_icc_profile(&info_, &data, &size)) return {};
    const std::unique_ptr<JOCTET, decltype(&std::free)> owner(data, &std::free);
    return Bytes(data, data + size);
  }

  [[noreturn]] void throw_failure() const {
    const std::string reason = errors_.message.data();
    if (is_unsupported(errors_.base.msg_code))
      encoded_.throw_unsupported("a kind of JPEG that is not read here (" + reason +
                                 "); save it as an ordinary 8-bit JPEG or PNG");
    encoded_.throw_corrupt("truncated or damaged JPEG (" + reason + ")");
  }

  const Encoded& encoded_;
  jpeg_decompress_struct info_ = {};
  jpeg_progress_mgr progress_ = {};
  JpegErrors errors_;
};

}  // namespace

Decoded decode_jpeg(const Encoded& encoded) {
  return JpegReader(encoded).decode();
}

}  // namespace likeness
