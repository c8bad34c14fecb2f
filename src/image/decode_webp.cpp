#include <cstring>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/decoder.h"
#include "image/exif.h"

namespace likeness {
namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DemuxerDeleter>;

Bytes chunk(const WebPDemuxer* demuxer, const char* name) {
  WebPChunkIterator iterator;
  if (WebPDemuxGetChunk(demuxer, name, 1, &iterator) == 0) return {};
  Bytes bytes(iterator.chunk.bytes, iterator.chunk.bytes + iterator.chunk.size);
  WebPDemuxReleaseChunkIterator(&iterator);
  return bytes;
}

/// The frame's place within a canvas that is larger than it.
struct Frame {
  WebPIterator iterator;
  explicit Frame(const WebPDemuxer* demuxer, const Encoded& encoded) {
    if (WebPDemuxGetFrame(demuxer, 1, &iterator) == 0 || iterator.complete == 0) {
      WebPDemuxReleaseIterator(&iterator);
      encoded.throw_corrupt("truncated or damaged WebP (its first frame is not complete)");
    }
  }
  ~Frame() { WebPDemuxReleaseIterator(&iterator); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
};

/// The size stands at a fixed place of an extended file, so it is judged even where the rest is
/// missing.
void check_canvas(const Encoded& encoded) {
  constexpr std::size_t kEndOfCanvas = 30;
  const auto bytes = encoded.bytes;
  if (bytes.size() < kEndOfCanvas || std::memcmp(bytes.data() + 12, "VP8X", 4) != 0) return;
  const auto side = [bytes](std::size_t offset) {
    return 1 + (bytes[offset] | bytes[offset + 1] << 8 | bytes[offset + 2] << 16);
  };
  encoded.check_size(side(24), side(27));
}

}  // namespace

Decoded decode_webp(const Encoded& encoded) {
  check_canvas(encoded);
  const WebPData data = {encoded.bytes.data(), encoded.bytes.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (demuxer == nullptr || state == WEBP_DEMUX_PARSE_ERROR)
    encoded.throw_corrupt("truncated or damaged WebP (its parts do not fit together)");
  if (state == WEBP_DEMUX_PARSING_HEADER)
    encoded.throw_corrupt("truncated WebP (it ends in its header)");
  const auto width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  const auto height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  encoded.check_size(width, height);
  if (state != WEBP_DEMUX_DONE) encoded.throw_corrupt("truncated WebP (its last part is cut off)");

  const Frame frame(demuxer.get(), encoded);
  const WebPIterator& part = frame.iterator;
  Decoded decoded;
  decoded.icc_profile = chunk(demuxer.get(), "ICCP");
  decoded.orientation = exif_orientation(chunk(demuxer.get(), "EXIF"));
  const bool covers =
      part.width == static_cast<int>(width) && part.height == static_cast<int>(height);
  // A frame that leaves a part of the canvas free leaves it transparent.
  const bool alpha = part.has_alpha != 0 || !covers;
  decoded.allocate(static_cast<int>(width), static_cast<int>(height),
                   alpha ? SampleLayout::rgba : SampleLayout::rgb);
  const std::size_t start = static_cast<std::size_t>(part.y_offset) * decoded.stride() +
                            static_cast<std::size_t>(part.x_offset) * (alpha ? 4 : 3);
  const auto decode = alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode(part.fragment.bytes, part.fragment.size, decoded.samples.data() + start,
             decoded.samples.size() - start, static_cast<int>(decoded.stride())) == nullptr)
    encoded.throw_corrupt("truncated or damaged WebP (its pixels cannot be decoded)");
  return decoded;
}

}  // namespace likeness
