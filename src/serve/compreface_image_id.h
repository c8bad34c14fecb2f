#pragma once

/// CompreFace names an enrolled face by a UUID, a gallery by a number. A UUID of version 8 (RFC
/// 9562: its bits are the maker's own) carries the number there and back:
/// 6c696b65-6e65-8000-8000-000000000007 is example 7.

#include <cstdint>
#include <string>
#include <string_view>

namespace likeness::serve {

/// Requires example ≥ 0.
std::string image_id(std::int64_t example);
/// Upper or lower case. Throws Problem: invalid_argument for what is no UUID, unknown_image for one
/// that image_id did not make.
std::int64_t example_of_image(std::string_view id);

}  // namespace likeness::serve
