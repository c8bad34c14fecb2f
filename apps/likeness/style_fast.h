#pragma once

/// likeness style --fast: painting in one pass, and descent from there.

#include <c10/core/Device.h>
#include <likeness/style/one_pass.h>

#include "style_options.h"

namespace likeness::cli {

/// The painter that --painter names.
OnePassPainter load_painter(const StyleCommand& options, c10::Device device);

/// What --fast takes; throws Error(invalid_argument) for options that do nothing there.
OnePassOptions one_pass_options(const StyleCommand& options, const StyliseOptions& run);

/// Returns the exit code.
int run_fast_style(const StyleCommand& options, CommandContext& context);

}  // namespace likeness::cli
