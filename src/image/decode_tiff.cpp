#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "image/decoder.h"
#include "image/tiff_file.h"

namespace likeness {
namespace {

/// How the first page stores a pixel.
struct Page {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int bits = 0;     ///< a sample
  int samples = 0;  ///< a pixel
  std::uint16_t format = 0;
  std::uint16_t photometric = 0;
  bool interleaved = false;
  std::uint16_t extra = EXTRASAMPLE_UNSPECIFIED;  ///< what the first sample behind the colour is
  bool cmyk = false;
};

Page read_page(const TiffFile& file) {
  Page page;
  page.width = file.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH);
  page.height = file.field<std::uint32_t>(TIFFTAG_IMAGELENGTH);
  page.bits = file.field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE);
  page.samples = file.field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
  page.format = file.field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT);
  page.photometric = file.field<std::uint16_t>(TIFFTAG_PHOTOMETRIC);
  page.interleaved = file.field<std::uint16_t>(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
  page.cmyk = page.photometric == PHOTOMETRIC_SEPARATED &&
              file.field<std::uint16_t>(TIFFTAG_INKSET) == INKSET_CMYK;
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  // Where the field is missing, a fourth sample is alpha: some writers forget to say so.
  if (TIFFGetField(file.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) == 0 || count == 0)
    page.extra = EXTRASAMPLE_UNASSALPHA;
  else
    page.extra = kinds[0];
  return page;
}

/// The samples of a pixel that are its colour, 0 for a kind that is left to libtiff's own
/// conversion (palette, YCbCr, Lab, fewer than 8 bits, separate planes).
int direct_colors(const Page& page) {
  constexpr int kMaxSamples = 16;
  const bool whole = page.format == SAMPLEFORMAT_UINT && (page.bits == 8 || page.bits == 16);
  const bool real = page.format == SAMPLEFORMAT_IEEEFP && page.bits == 32;
  if (!(whole || real) || !page.interleaved || page.samples > kMaxSamples) return 0;
  int colors = 0;
  if (page.photometric == PHOTOMETRIC_MINISBLACK || page.photometric == PHOTOMETRIC_MINISWHITE)
    colors = 1;
  if (page.photometric == PHOTOMETRIC_RGB) colors = 3;
  if (page.cmyk) colors = 4;
  return page.samples >= colors ? colors : 0;
}

std::uint8_t to_byte(std::uint16_t sample) {
  return static_cast<std::uint8_t>((sample + 128U) / 257U);
}

std::uint8_t to_byte(float sample) {
  if (!(sample > 0)) return 0;  // NaN as well
  return static_cast<std::uint8_t>(std::min(sample, 1.0F) * 255.0F + 0.5F);
}

std::uint8_t to_byte(std::uint8_t sample) {
  return sample;
}

/// Copies the wanted samples of `pixels` pixels as bytes.
template <class Sample>
void convert(const std::uint8_t* from, int stored, std::uint8_t* to, int wanted,
             std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i, to += wanted) {
    for (int c = 0; c < wanted; ++c) {
      Sample sample;
      std::memcpy(&sample, from + static_cast<std::size_t>(c) * sizeof(Sample), sizeof(Sample));
      to[c] = to_byte(sample);
    }
    from += static_cast<std::size_t>(stored) * sizeof(Sample);
  }
}

/// Reads what is stored as plain samples, in strips or in tiles.
class DirectReader {
 public:
  DirectReader(const Encoded& encoded, const TiffFile& file, const Page& page, Decoded& decoded)
      : encoded_(encoded), file_(file), page_(page), decoded_(decoded) {}

  void read() {
    if (TIFFIsTiled(file_.get()) != 0)
      read_tiles();
    else
      read_rows();
  }

 private:
  std::size_t pixel_bytes() const {
    return static_cast<std::size_t>(page_.samples * page_.bits / 8);
  }

  void read_rows() {
    std::vector<std::uint8_t> row(pixel_bytes() * page_.width);
    if (TIFFScanlineSize64(file_.get()) != row.size()) file_.throw_corrupt();
    for (std::uint32_t y = 0; y < page_.height; ++y) {
      if (TIFFReadScanline(file_.get(), row.data(), y, 0) < 0) file_.throw_corrupt();
      put(row.data(), 0, y, page_.width);
    }
  }

  void read_tiles() {
    constexpr std::uint32_t kMaxTileSide = 1U << 16;
    constexpr std::uint64_t kMaxTileBytes = std::uint64_t{64} << 20;
    const auto width = file_.field<std::uint32_t>(TIFFTAG_TILEWIDTH);
    const auto height = file_.field<std::uint32_t>(TIFFTAG_TILELENGTH);
    const std::uint64_t bytes = TIFFTileSize64(file_.get());
    if (width == 0 || height == 0 || width > kMaxTileSide || height > kMaxTileSide ||
        bytes > kMaxTileBytes || bytes != pixel_bytes() * width * height)
      encoded_.throw_corrupt("damaged TIFF: tiles of " + std::to_string(width) + " x " +
                             std::to_string(height) + " pixels");
    std::vector<std::uint8_t> tile(bytes);
    for (std::uint32_t y = 0; y < page_.height; y += height)
      for (std::uint32_t x = 0; x < page_.width; x += width) {
        if (TIFFReadTile(file_.get(), tile.data(), x, y, 0, 0) < 0) file_.throw_corrupt();
        const std::uint32_t columns = std::min(width, page_.width - x);
        const std::uint32_t rows = std::min(height, page_.height - y);
        for (std::uint32_t row = 0; row < rows; ++row)
          put(tile.data() + pixel_bytes() * width * row, x, y + row, columns);
      }
  }

  void put(const std::uint8_t* from, std::uint32_t x, std::uint32_t y, std::uint32_t pixels) {
    const int wanted = sample_count(decoded_.layout);
    std::uint8_t* to = decoded_.samples.data() + y * decoded_.stride() +
                       std::size_t{x} * static_cast<std::size_t>(wanted);
    if (page_.bits == 8) convert<std::uint8_t>(from, page_.samples, to, wanted, pixels);
    if (page_.bits == 16) convert<std::uint16_t>(from, page_.samples, to, wanted, pixels);
    if (page_.bits == 32) convert<float>(from, page_.samples, to, wanted, pixels);
  }

  const Encoded& encoded_;
  const TiffFile& file_;
  const Page& page_;
  Decoded& decoded_;
};

void unpremultiply(std::vector<std::uint8_t>& samples, std::size_t channels) {
  for (std::size_t i = 0; i + channels <= samples.size(); i += channels) {
    const int alpha = samples[i + channels - 1];
    if (alpha == 0 || alpha == 255) continue;
    for (std::size_t c = 0; c + 1 < channels; ++c)
      samples[i + c] =
          static_cast<std::uint8_t>(std::min(255, (samples[i + c] * 255 + alpha / 2) / alpha));
  }
}

void read_direct(const Encoded& encoded, const TiffFile& file, const Page& page, int colors,
                 Decoded& decoded) {
  const bool alpha = page.samples > colors && colors != 4 &&
                     (page.extra == EXTRASAMPLE_ASSOCALPHA || page.extra == EXTRASAMPLE_UNASSALPHA);
  SampleLayout layout = SampleLayout::cmyk;
  if (colors == 1) layout = alpha ? SampleLayout::grey_alpha : SampleLayout::grey;
  if (colors == 3) layout = alpha ? SampleLayout::rgba : SampleLayout::rgb;
  decoded.allocate(static_cast<int>(page.width), static_cast<int>(page.height), layout);
  DirectReader(encoded, file, page, decoded).read();
  const auto channels = static_cast<std::size_t>(sample_count(layout));
  if (page.photometric == PHOTOMETRIC_MINISWHITE)
    for (std::size_t i = 0; i < decoded.samples.size(); i += channels)
      decoded.samples[i] = static_cast<std::uint8_t>(255 - decoded.samples[i]);
  if (alpha && page.extra == EXTRASAMPLE_ASSOCALPHA) unpremultiply(decoded.samples, channels);
}

struct Conversion {
  TIFFRGBAImage image = {};
  ~Conversion() { TIFFRGBAImageEnd(&image); }
};

void read_converted(const Encoded& encoded, const TiffFile& file, const Page& page,
                    Decoded& decoded) {
  char reason[1024] = "";
  Conversion conversion;
  TIFFRGBAImage& image = conversion.image;
  if (page.format == SAMPLEFORMAT_INT || TIFFRGBAImageOK(file.get(), reason) == 0 ||
      TIFFRGBAImageBegin(&image, file.get(), 1, reason) == 0)
    encoded.throw_unsupported(
        "a kind of TIFF that is not read here (" + std::to_string(page.samples) + " samples of " +
        std::to_string(page.bits) + " bits; " + reason + "); save it as 8-bit RGB or as PNG");
  image.req_orientation = image.orientation;  // as stored; it is turned later, with all formats
  std::vector<std::uint32_t> raster(static_cast<std::size_t>(page.width) * page.height);
  if (TIFFRGBAImageGet(&image, raster.data(), page.width, page.height) == 0) file.throw_corrupt();
  const bool alpha = image.alpha != 0;
  decoded.allocate(static_cast<int>(page.width), static_cast<int>(page.height),
                   alpha ? SampleLayout::rgba : SampleLayout::rgb);
  std::uint8_t* to = decoded.samples.data();
  for (const std::uint32_t pixel : raster) {
    *to++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *to++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *to++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
    if (alpha) *to++ = static_cast<std::uint8_t>(TIFFGetA(pixel));
  }
  if (alpha) unpremultiply(decoded.samples, 4);  // libtiff hands it over premultiplied
}

}  // namespace

Decoded decode_tiff(const Encoded& encoded) {
  const TiffFile file(encoded);
  const Page page = read_page(file);
  encoded.check_size(page.width, page.height);
  if ((file.field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0)
    encoded.throw_unsupported(
        "its first page is only a preview (a camera's raw file?); save the picture as JPEG or PNG");
  Decoded decoded;
  if (const int colors = direct_colors(page); colors > 0)
    read_direct(encoded, file, page, colors, decoded);
  else
    read_converted(encoded, file, page, decoded);
  const auto orientation = file.field<std::uint16_t>(TIFFTAG_ORIENTATION);
  decoded.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  std::uint32_t size = 0;
  const std::uint8_t* profile = nullptr;
  if (TIFFGetField(file.get(), TIFFTAG_ICCPROFILE, &size, &profile) != 0)
    decoded.icc_profile.assign(profile, profile + size);
  return decoded;
}

}  // namespace likeness
