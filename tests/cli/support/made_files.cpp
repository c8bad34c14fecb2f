#include "support/made_files.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <jpeglib.h>
#include <likeness/image/codec.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace likeness {
namespace {

void append(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

void append_big_endian(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// The checksum of a PNG chunk (ISO 3309).
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

cv::Mat view(const Image& rgb) {
  return {rgb.height(), rgb.width(), CV_8UC3, const_cast<std::uint8_t*>(rgb.pixels().data())};
}

}  // namespace

Image pattern(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(x * 255 / width);
      pixel[1] = static_cast<std::uint8_t>(y * 255 / height);
      pixel[2] = 128;
    }
  return image;
}

Bytes jpeg_bytes() {
  return encode_image(pattern(320, 240), ImageFormat::jpeg);
}

Bytes png_header(std::uint32_t width, std::uint32_t height) {
  Bytes header;
  append(header, "IHDR");
  append_big_endian(header, width);
  append_big_endian(header, height);
  append(header, std::string_view("\x08\x02\x00\x00\x00", 5));  // 8 bits, RGB
  Bytes png;
  append(png, "\x89PNG\r\n\x1a\n");
  append_big_endian(png, static_cast<std::uint32_t>(header.size() - 4));
  png.insert(png.end(), header.begin(), header.end());
  append_big_endian(png, crc32(header));
  return png;
}

Bytes animated_gif() {
  constexpr std::string_view kFrame(
      "\x21\xF9\x04\x00\x0A\x00\x00\x00"          // shown for 0.1 s
      "\x2C\x00\x00\x00\x00\x01\x00\x01\x00\x00"  // 1 x 1 at (0, 0)
      "\x02\x02\x44\x01\x00",                     // its only pixel
      8 + 10 + 5);
  Bytes gif;
  append(gif, std::string_view("GIF89a\x01\x00\x01\x00\x80\x00\x00", 13));
  append(gif, std::string_view("\x00\x00\x00\xFF\xFF\xFF", 6));  // two colours
  append(gif, kFrame);
  append(gif, kFrame);
  append(gif, ";");
  return gif;
}

Bytes cmyk_jpeg(const Image& image) {
  jpeg_compress_struct encoder = {};
  jpeg_error_mgr errors = {};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &buffer, &size);
  encoder.image_width = static_cast<JDIMENSION>(image.width());
  encoder.image_height = static_cast<JDIMENSION>(image.height());
  encoder.input_components = 4;
  encoder.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 95, TRUE);
  encoder.write_Adobe_marker = TRUE;
  jpeg_start_compress(&encoder, TRUE);
  // Inverted CMYK without black is RGB with a fourth channel that is full.
  std::vector<JSAMPLE> row(static_cast<std::size_t>(image.width()) * 4, 255);
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x)
      for (int c = 0; c < 3; ++c) row[4 * x + c] = image.row(y)[3 * x + c];
    JSAMPLE* rows[] = {row.data()};
    jpeg_write_scanlines(&encoder, rows, 1);
  }
  jpeg_finish_compress(&encoder);
  Bytes bytes(buffer, buffer + size);
  jpeg_destroy_compress(&encoder);
  std::free(buffer);
  return bytes;
}

Bytes grey_jpeg(const Image& image) {
  cv::Mat grey;
  cv::cvtColor(view(image), grey, cv::COLOR_RGB2GRAY);
  Bytes bytes;
  cv::imencode(".jpg", grey, bytes, {cv::IMWRITE_JPEG_QUALITY, 95});
  return bytes;
}

Image with_alpha(const Image& image) {
  cv::Mat rgba;
  cv::cvtColor(view(image), rgba, cv::COLOR_RGB2RGBA);
  return {rgba.cols, rgba.rows, 4, {rgba.datastart, rgba.dataend}};
}

Bytes sixteen_bits(const Image& image, const std::string& ending) {
  cv::Mat bgr;
  cv::cvtColor(view(image), bgr, cv::COLOR_RGB2BGR);
  bgr.convertTo(bgr, CV_16U, 257);  // 255 becomes 65535
  Bytes bytes;
  cv::imencode(ending, bgr, bytes);
  return bytes;
}

Bytes with_exif_orientation(const Bytes& jpeg, int orientation) {
  Bytes exif;
  append(exif, std::string_view("Exif\0\0MM\0\x2A\0\0\0\x08", 14));  // TIFF header, big-endian
  append(exif, std::string_view("\0\x01\x01\x12\0\x03\0\0\0\x01\0", 11));  // one tag: Orientation
  exif.push_back(static_cast<std::uint8_t>(orientation));
  append(exif, std::string_view("\0\0\0\0\0\0", 6));  // padding of the value, no further folder
  Bytes result;
  append(result, "\xFF\xD8\xFF\xE1");  // start of image, then the block
  const std::size_t length = exif.size() + 2;
  result.push_back(static_cast<std::uint8_t>(length >> 8));
  result.push_back(static_cast<std::uint8_t>(length));
  result.insert(result.end(), exif.begin(), exif.end());
  result.insert(result.end(), jpeg.begin() + 2, jpeg.end());
  return result;
}

Image stored_with_orientation(const Image& upright, int orientation) {
  const cv::Mat from = view(upright);
  cv::Mat to;
  switch (orientation) {
    case 1:
      to = from.clone();
      break;
    case 2:
      cv::flip(from, to, 1);
      break;
    case 3:
      cv::rotate(from, to, cv::ROTATE_180);
      break;
    case 4:
      cv::flip(from, to, 0);
      break;
    case 5:
      cv::transpose(from, to);
      break;
    case 6:
      cv::rotate(from, to, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    case 7:
      cv::transpose(from, to);
      cv::rotate(to, to, cv::ROTATE_180);
      break;
    case 8:
      cv::rotate(from, to, cv::ROTATE_90_CLOCKWISE);
      break;
    default:
      throw std::invalid_argument("orientation " + std::to_string(orientation));
  }
  return {to.cols, to.rows, 3, {to.datastart, to.dataend}};
}

}  // namespace likeness
