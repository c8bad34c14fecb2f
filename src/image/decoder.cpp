#include "image/decoder.h"

#include <likeness/core/error.h>

namespace likeness {

void Encoded::throw_corrupt(const std::string& reason) const {
  throw Error(ErrorCode::corrupt_file, name + ": " + reason);
}

void Encoded::throw_unsupported(const std::string& reason) const {
  throw Error(ErrorCode::unsupported_format, name + ": " + reason);
}

void Encoded::check_size(std::int64_t width, std::int64_t height) const {
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width <= 0 || height <= 0) throw_corrupt("broken header: " + size);
  if (width > limits.max_dimension || height > limits.max_dimension)
    throw Error(ErrorCode::too_large, name + ": " + size + ", the limit is " +
                                          std::to_string(limits.max_dimension) + " a side");
  if (width * height > limits.max_pixels)
    throw Error(ErrorCode::too_large,
                name + ": " + size + " are " + std::to_string(width * height) +
                    " in all, the limit is " + std::to_string(limits.max_pixels));
}

void Decoded::allocate(int new_width, int new_height, SampleLayout new_layout) {
  width = new_width;
  height = new_height;
  layout = new_layout;
  samples.resize(stride() * static_cast<std::size_t>(height));
}

}  // namespace likeness
