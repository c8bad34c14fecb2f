#pragma once

#include <string>

#include "train/painter_log.h"

namespace likeness {

/// The curves and figures of a painter's training, as a part of a page.
std::string painter_sections(const PainterHistory& history);

}  // namespace likeness
