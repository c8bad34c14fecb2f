#pragma once

/// What every action of `gallery` has in common.

#include <memory>
#include <type_traits>

#include "command.h"
#include "gallery_choice.h"

namespace likeness::cli {

/// `gallery NAME` with --gallery and --key-file; Options has a GalleryChoice `gallery`.
template <typename Options>
CLI::App& add_gallery_action(CLI::App& parent, CommandContext& context,
                             const std::shared_ptr<Options>& options, const CommandText& text,
                             std::type_identity_t<int (*)(const Options&, CommandContext&)> run) {
  CLI::App& command = *add_command(parent, context, text,
                                   [options, run, &context] { return run(*options, context); });
  add_gallery_options(command, options->gallery);
  return command;
}

}  // namespace likeness::cli
