#pragma once

/// gallery list, show, rename and remove: the people of a gallery.

#include <CLI/App.hpp>

#include "command.h"

namespace likeness::cli {

void add_people_actions(CLI::App& gallery, CommandContext& context);

}  // namespace likeness::cli
