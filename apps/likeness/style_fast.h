#pragma once

/// likeness style --fast: painting in one pass, and descent from there.

#include "style_options.h"

namespace likeness::cli {

/// Returns the exit code.
int run_fast_style(const StyleCommand& options, CommandContext& context);

}  // namespace likeness::cli
