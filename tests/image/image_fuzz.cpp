// Any bytes are a picture or an Error: nothing else is thrown, nothing crashes, and what is decoded
// keeps the limits.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr likeness::DecodeLimits kLimits = {
      .max_bytes = 1 << 20, .max_pixels = 1 << 20, .max_dimension = 1 << 14};
  try {
    const likeness::Image image = likeness::decode_image({data, size}, "fuzz", kLimits);
    if (image.empty() || std::int64_t{image.width()} * image.height() > kLimits.max_pixels)
      std::abort();
  } catch (const likeness::Error&) {
  }
  return 0;
}
