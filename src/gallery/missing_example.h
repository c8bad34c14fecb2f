#pragma once

#include <cstdint>

namespace likeness {

/// Both throw Error(not_found).
[[noreturn]] void refuse_unknown_example(std::int64_t id);
[[noreturn]] void refuse_missing_crop(std::int64_t id);

}  // namespace likeness
