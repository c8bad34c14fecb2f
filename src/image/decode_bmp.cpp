#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "image/bmp_header.h"
#include "image/decoder.h"

namespace likeness {
namespace {

using Color = std::array<std::uint8_t, 3>;

/// The colours that `bits` ≤ 8 can name; the ones that the file leaves out are black.
std::vector<Color> read_palette(const BmpReader& reader, const BmpHeader& header) {
  std::vector<Color> palette(std::size_t{1} << header.bits, Color{});
  std::size_t count = palette.size();
  if (header.colours > 0) count = std::min<std::size_t>(count, header.colours);
  const std::size_t entry = header.size == kBmpCoreHeader ? 3 : 4;
  const auto entries = reader.range(kBmpFileHeader + header.size, count * entry);
  for (std::size_t i = 0; i < count; ++i)
    palette[i] = {entries[i * entry + 2], entries[i * entry + 1], entries[i * entry]};
  return palette;
}

/// One channel of a pixel that `mask` cuts out, stretched to 0…255.
class Channel {
 public:
  explicit Channel(std::uint32_t mask)
      : mask_(mask),
        shift_(mask == 0 ? 0 : std::countr_zero(mask)),
        largest_(mask == 0 ? 1 : mask >> shift_) {
    for (std::uint32_t value = 0; value < table_.size(); ++value)
      table_[value] = stretched(std::min<std::uint64_t>(value, largest_));
  }

  std::uint8_t operator()(std::uint32_t pixel) const {
    const std::uint32_t value = (pixel & mask_) >> shift_;
    return value < table_.size() ? table_[value] : stretched(value);
  }

 private:
  std::uint8_t stretched(std::uint64_t value) const {
    return static_cast<std::uint8_t>((value * 255 + largest_ / 2) / largest_);
  }

  std::uint32_t mask_;
  int shift_;
  std::uint64_t largest_;
  std::array<std::uint8_t, 256> table_;  // nearly all channels have 8 bits or less
};

void read_masked_rows(const BmpReader& reader, const BmpHeader& header, std::size_t stride,
                      Decoded& decoded) {
  const std::array channels = {Channel(header.masks[0]), Channel(header.masks[1]),
                               Channel(header.masks[2]), Channel(header.masks[3])};
  const std::size_t bytes = static_cast<std::size_t>(header.bits) / 8;
  const auto samples = static_cast<std::size_t>(sample_count(decoded.layout));
  std::uint8_t* to = decoded.samples.data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(header.height); ++y) {
    const auto row = reader.range(header.data_offset + y * stride, stride);
    for (std::size_t x = 0; x < static_cast<std::size_t>(header.width); ++x, to += samples) {
      std::uint32_t pixel = 0;
      for (std::size_t i = bytes; i-- > 0;) pixel = pixel << 8 | row[x * bytes + i];
      for (std::size_t c = 0; c < samples; ++c) to[c] = channels[c](pixel);
    }
  }
}

void read_indexed_rows(const BmpReader& reader, const BmpHeader& header, std::size_t stride,
                       std::vector<std::uint8_t>& indices) {
  const auto bits = static_cast<std::size_t>(header.bits);
  const unsigned largest = (1U << bits) - 1;
  const auto width = static_cast<std::size_t>(header.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(header.height); ++y) {
    const auto row = reader.range(header.data_offset + y * stride, stride);
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t bit = x * bits;
      indices[y * width + x] =
          static_cast<std::uint8_t>(row[bit / 8] >> (8 - bits - bit % 8) & largest);
    }
  }
}

/// Run-length data: pairs (count, index), where the count 0 begins an order: 0 end of row, 1 end of
/// picture, 2 move, n ≥ 3 that many single pixels. What is skipped keeps index 0.
class RunLength {
 public:
  RunLength(const Encoded& encoded, const BmpHeader& header, std::vector<std::uint8_t>& indices)
      : encoded_(encoded), header_(header), indices_(indices) {}

  void read(std::span<const std::uint8_t> data) {
    data_ = data;
    while (true) {
      const std::size_t count = next();
      const std::uint8_t value = next();
      if (count > 0) {
        for (std::size_t i = 0; i < count; ++i) put(index(value, i));
      } else if (value == 0) {
        x_ = 0;
        ++y_;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        x_ += next();
        y_ += next();
      } else {
        read_single_pixels(value);
      }
    }
  }

 private:
  void read_single_pixels(std::size_t count) {
    const bool nibbles = header_.bits == 4;
    const std::size_t bytes = nibbles ? (count + 1) / 2 : count;
    std::uint8_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!nibbles || i % 2 == 0) value = next();
      put(index(value, i));
    }
    if (bytes % 2 == 1) next();  // padded to an even number
  }
  std::uint8_t next() {
    if (position_ >= data_.size())
      encoded_.throw_corrupt("truncated BMP: its run-length data has no end");
    return data_[position_++];
  }
  std::uint8_t index(std::uint8_t value, std::size_t i) const {
    if (header_.bits == 8) return value;
    return i % 2 == 0 ? value >> 4 : value & 15;
  }
  void put(std::uint8_t value) {
    if (x_ < header_.width && y_ < header_.height)
      indices_[static_cast<std::size_t>(y_ * header_.width + x_)] = value;
    ++x_;
  }

  const Encoded& encoded_;
  const BmpHeader& header_;
  std::vector<std::uint8_t>& indices_;
  std::span<const std::uint8_t> data_;
  std::size_t position_ = 0;
  std::int64_t x_ = 0;
  std::int64_t y_ = 0;
};

/// Some writers leave the alpha bytes at 0; a picture that is invisible everywhere is meant to be
/// seen.
void make_invisible_opaque(std::vector<std::uint8_t>& rgba) {
  for (std::size_t i = 3; i < rgba.size(); i += 4)
    if (rgba[i] != 0) return;
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 255;
}

void flip_rows(Decoded& decoded) {
  const auto stride = static_cast<std::ptrdiff_t>(decoded.stride());
  auto first = decoded.samples.begin();
  auto last = decoded.samples.end() - stride;
  for (; first < last; first += stride, last -= stride)
    std::swap_ranges(first, first + stride, last);
}

void read_indexed(const Encoded& encoded, const BmpReader& reader, const BmpHeader& header,
                  std::size_t stride, Decoded& decoded) {
  const std::vector<Color> palette = read_palette(reader, header);
  std::vector<std::uint8_t> indices(decoded.samples.size() / 3);
  if (header.compression == BmpCompression::none)
    read_indexed_rows(reader, header, stride, indices);
  else
    RunLength(encoded, header, indices).read(reader.from(header.data_offset));
  std::uint8_t* to = decoded.samples.data();
  for (const std::uint8_t index : indices) to = std::copy_n(palette[index].data(), 3, to);
}

}  // namespace

Decoded decode_bmp(const Encoded& encoded) {
  const BmpReader reader(encoded);
  const BmpHeader header = read_bmp_header(encoded, reader);
  const std::size_t stride =
      (static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.bits) + 31) / 32 *
      4;
  const bool run_length = header.compression == BmpCompression::run_length_8 ||
                          header.compression == BmpCompression::run_length_4;
  // A short file is found out before it takes memory.
  if (!run_length)
    reader.range(header.data_offset, stride * static_cast<std::size_t>(header.height));

  Decoded decoded;
  decoded.allocate(static_cast<int>(header.width), static_cast<int>(header.height),
                   header.masks[3] != 0 ? SampleLayout::rgba : SampleLayout::rgb);
  if (header.bits <= 8)
    read_indexed(encoded, reader, header, stride, decoded);
  else
    read_masked_rows(reader, header, stride, decoded);
  if (decoded.layout == SampleLayout::rgba) make_invisible_opaque(decoded.samples);
  if (!header.top_down) flip_rows(decoded);
  return decoded;
}

}  // namespace likeness
