#pragma once

/// A Matroska file of JPEG pictures, each with a time of its own: films with frames at varying
/// distances, without frames, or cut off, that the tests make themselves.

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/image/image.h>

namespace likeness {

struct TimedPicture {
  Image picture;
  int milliseconds = 0;
};

class MatroskaWriter {
 public:
  /// `duration` in milliseconds is what the header announces.
  static Bytes film(std::span<const TimedPicture> frames, int width, int height, double rate,
                    double duration) {
    Bytes video = element(0xB0, number(width, 2));
    append(video, element(0xBA, number(height, 2)));
    Bytes track = element(0xD7, number(1, 1));     // number
    append(track, element(0x73C5, number(1, 1)));  // identifier
    append(track, element(0x83, number(1, 1)));    // pictures
    append(track, element(0x23E383, number(static_cast<std::int64_t>(1e9 / rate), 4)));
    append(track, element(0x86, text("V_MJPEG")));
    append(track, element(0xE0, video));
    Bytes info = element(0x2AD7B1, number(1'000'000, 4));  // times in milliseconds
    append(info, element(0x4489, real(duration)));
    append(info, element(0x4D80, text("test")));
    append(info, element(0x5741, text("test")));
    Bytes segment = element(0x1549A966, info);
    append(segment, element(0x1654AE6B, element(0xAE, track)));
    for (const TimedPicture& frame : frames) {
      Bytes block = {0x81, 0, 0, 0x80};  // track 1, at the cluster's time, a key frame
      append(block, encode_image(frame.picture, ImageFormat::jpeg));
      Bytes cluster = element(0xE7, number(frame.milliseconds, 4));
      append(cluster, element(0xA3, block));
      append(segment, element(0x1F43B675, cluster));
    }
    Bytes header = element(0x4282, text("matroska"));
    append(header, element(0x4287, number(4, 1)));
    append(header, element(0x4285, number(2, 1)));
    Bytes file = element(0x1A45DFA3, header);
    append(file, element(0x18538067, segment));
    return file;
  }

 private:
  static void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  static Bytes number(std::int64_t value, int size) {
    Bytes bytes;
    for (int i = size - 1; i >= 0; --i)
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
  }
  static Bytes real(double value) {
    std::uint64_t bits = 0;
    static_assert(sizeof(bits) == sizeof(value));
    std::memcpy(&bits, &value, sizeof(bits));
    return number(static_cast<std::int64_t>(bits), 8);
  }
  static Bytes text(const std::string& text) { return {text.begin(), text.end()}; }
  static Bytes element(std::uint32_t id, const Bytes& content) {
    Bytes bytes;
    for (int i = 3; i >= 0; --i)
      if ((id >> (8 * i)) != 0) bytes.push_back(static_cast<std::uint8_t>(id >> (8 * i)));
    Bytes size = number(static_cast<std::int64_t>(content.size()), 8);
    size[0] = 0x01;
    append(bytes, size);
    append(bytes, content);
    return bytes;
  }
};

}  // namespace likeness
