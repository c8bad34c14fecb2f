#pragma once

#include <cstdint>

#include <likeness/style/costs.h>

namespace likeness {

/// What the squared differences of Gram matrices are multiplied by once their mean is taken.
double gram_factor(GramScale scale, std::int64_t channels);

}  // namespace likeness
