#pragma once

/// The subcommands of `likeness train`.

#include <CLI/App.hpp>

#include "command.h"

namespace likeness::cli {

/// likeness train siamese
void add_siamese_command(CLI::App& parent, CommandContext& context);
/// likeness train perceptual
void add_perceptual_command(CLI::App& parent, CommandContext& context);
/// likeness train painter
void add_painter_command(CLI::App& parent, CommandContext& context);
/// likeness train pair-classifier
void add_pair_classifier_command(CLI::App& parent, CommandContext& context);

}  // namespace likeness::cli
