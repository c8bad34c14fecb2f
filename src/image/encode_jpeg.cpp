#include <cstdlib>
#include <string>

#include <likeness/core/error.h>

#include "image/encoder.h"
#include "image/jpeg_library.h"

namespace likeness {
namespace {

class JpegWriter {
 public:
  JpegWriter() { info_.err = errors_.manager(); }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(buffer_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  Bytes encode(const Image& image, int quality) {
    if (!write(image, quality))
      throw Error(
          ErrorCode::write_failed,
          std::string("the picture could not be encoded as JPEG: ") + errors_.message.data());
    return Bytes(buffer_, buffer_ + size_);
  }

 private:
  bool write(const Image& image, int quality) {
    constexpr int kWholeColors = 90;  // from this quality on, colour is kept at full size
    if (setjmp(errors_.escape) != 0) return false;
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &buffer_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image.width());
    info_.image_height = static_cast<JDIMENSION>(image.height());
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    if (quality >= kWholeColors)
      info_.comp_info[0].h_samp_factor = info_.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      auto* row = const_cast<JSAMPROW>(image.row(static_cast<int>(info_.next_scanline)));
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  jpeg_compress_struct info_ = {};
  JpegErrors errors_;
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

Bytes encode_jpeg(const Image& rgb, int quality) {
  return JpegWriter().encode(rgb, quality);
}

}  // namespace likeness
