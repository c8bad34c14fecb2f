#pragma once

#include <string>

#include "train/encoder_log.h"
#include "train/painter_log.h"

namespace likeness {

/// The curves and figures of a painter's training, as a part of a page.
std::string painter_sections(const PainterHistory& history);

/// Those of the encoder's lesson before.
std::string encoder_section(const EncoderHistory& history);

}  // namespace likeness
