#include <array>
#include <csetjmp>
#include <cstring>
#include <vector>

#include <png.h>

#include "image/decoder.h"
#include "image/exif.h"

namespace likeness {
namespace {

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// libpng reports through C callbacks and leaves by longjmp; the functions that call setjmp hold
/// nothing that has a destructor.
class PngReader {
 public:
  explicit PngReader(const Encoded& encoded)
      : encoded_(encoded),
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) throw std::bad_alloc();
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Decoded decode() {
    check_header();
    if (!read_info()) throw_failure();
    Decoded decoded;
    decoded.allocate(static_cast<int>(png_get_image_width(png_, info_)),
                     static_cast<int>(png_get_image_height(png_, info_)), layout());
    std::vector<png_bytep> rows(static_cast<std::size_t>(decoded.height));
    for (std::size_t y = 0; y < rows.size(); ++y)
      rows[y] = decoded.samples.data() + y * decoded.stride();
    if (png_get_rowbytes(png_, info_) != decoded.stride())
      encoded_.throw_corrupt("damaged PNG (its rows have an impossible length)");
    if (!read_rows(rows.data())) throw_failure();
    decoded.orientation = orientation();
    decoded.icc_profile = icc_profile();
    return decoded;
  }

 private:
  static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->message_.data(), message, self->message_.size() - 1);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  static void on_read(png_structp png, png_bytep destination, std::size_t count) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (self->encoded_.bytes.size() - self->position_ < count)
      png_error(png, "the file ends too soon");
    std::memcpy(destination, self->encoded_.bytes.data() + self->position_, count);
    self->position_ += count;
  }

  /// The size stands at a fixed place, so it is judged even where the rest is missing.
  void check_header() const {
    constexpr std::size_t kEndOfSize = 24;
    const auto bytes = encoded_.bytes;
    if (bytes.size() < kEndOfSize) encoded_.throw_corrupt("truncated PNG (it ends in its header)");
    if (std::memcmp(bytes.data() + 12, "IHDR", 4) != 0)
      encoded_.throw_corrupt("damaged PNG (it does not begin with its header)");
    encoded_.check_size(big_endian(bytes.subspan(16)), big_endian(bytes.subspan(20)));
  }

  bool read_info() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, on_read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_header applies ours
    png_read_info(png_, info_);
    png_set_expand(png_);    // palette, few bits and a transparent colour become 8 bits and alpha
    png_set_scale_16(png_);  // rounds; png_set_strip_16 would cut
    double gamma = 0;
    if (!png_get_valid(png_, info_, PNG_INFO_sRGB) && !png_get_valid(png_, info_, PNG_INFO_iCCP) &&
        png_get_gAMA(png_, info_, &gamma))
      png_set_gamma(png_, PNG_DEFAULT_sRGB, gamma);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, info_);
    return true;
  }

  SampleLayout layout() const {
    switch (png_get_channels(png_, info_)) {
      case 1:
        return SampleLayout::grey;
      case 2:
        return SampleLayout::grey_alpha;
      case 3:
        return SampleLayout::rgb;
      default:
        return SampleLayout::rgba;
    }
  }

  int orientation() const {
    png_uint_32 size = 0;
    png_bytep block = nullptr;
    if (png_get_eXIf_1(png_, info_, &size, &block) == 0) return 1;
    return exif_orientation({block, size});
  }

  Bytes icc_profile() const {
    png_charp name = nullptr;
    int compression = 0;
    png_bytep data = nullptr;
    png_uint_32 size = 0;
    if (png_get_valid(png_, info_, PNG_INFO_sRGB) ||
        png_get_iCCP(png_, info_, &name, &compression, &data, &size) == 0)
      return {};
    return Bytes(data, data + size);
  }

  [[noreturn]] void throw_failure() const {
    encoded_.throw_corrupt(std::string("truncated or damaged PNG (") + message_.data() + ")");
  }

  const Encoded& encoded_;
  std::size_t position_ = 0;
  std::array<char, 128> message_ = {};
  png_structp png_;
  png_infop info_;
};

}  // namespace

Decoded decode_png(const Encoded& encoded) {
  return PngReader(encoded).decode();
}

}  // namespace likeness
