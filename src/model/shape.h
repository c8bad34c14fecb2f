#pragma once

/// Shapes that come out of files.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace likeness {

using Shape = std::vector<std::int64_t>;

/// More dimensions than any weight has; LibTorch itself works with up to 64.
inline constexpr std::size_t kMaxRank = 16;

/// The bytes that a tensor of `shape` takes with `element_bytes` each; nothing when a dimension is
/// negative or the product overflows. A dimension of zero counts as one for the overflow, because
/// strides are computed that way.
std::optional<std::int64_t> byte_count(const Shape& shape, std::int64_t element_bytes);

/// "[64,3,7,7]"
std::string to_string(const Shape& shape);

}  // namespace likeness
