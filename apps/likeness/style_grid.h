#pragma once

/// likeness style --grid: many contents in many styles.

#include "style_options.h"

namespace likeness::cli {

/// Returns the exit code.
int run_style_grid(const StyleCommand& options, CommandContext& context);

}  // namespace likeness::cli
