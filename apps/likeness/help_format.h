#pragma once

/// How --help looks: names in the left column, explanations beside them, wrapped.

#include <string>

#include <CLI/App.hpp>
#include <CLI/Formatter.hpp>

namespace likeness::cli {

class HelpFormat : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace likeness::cli
