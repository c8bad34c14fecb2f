#include "help_format.h"

#include <sstream>
#include <vector>

namespace likeness::cli {
namespace {

constexpr std::size_t kNameColumn = 24;
constexpr std::size_t kLineWidth = 92;

/// `name` in the left column and `text` in the right one.
std::string two_columns(std::string name, const std::string& text) {
  std::string result;
  name.insert(0, "  ");
  if (name.size() + 2 > kNameColumn) {
    result = name + "\n";
    name.clear();
  }
  std::string line = name + std::string(kNameColumn - name.size(), ' ');
  bool empty = true;
  std::istringstream words(text);
  for (std::string word; words >> word; empty = false) {
    if (!empty && line.size() + 1 + word.size() > kLineWidth) {
      result += line + "\n";
      line = std::string(kNameColumn, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
  }
  return result + line + "\n";
}

/// "-o,--output" as "-o, --output".
std::string spaced(std::string names) {
  const auto comma = names.find(',');
  return comma == std::string::npos ? names : names.insert(comma + 1, " ");
}

}  // namespace

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  std::string text = make_description(app) + make_usage(app, name) + make_positionals(app);
  for (const std::string& group : app->get_groups()) {
    const auto options = app->get_options([&](const CLI::Option* option) {
      return !group.empty() && option->get_group() == group && option->nonpositional();
    });
    if (!options.empty()) text += make_group(group, false, options);
  }
  return text + make_subcommands(app, mode) + "\n" + make_footer(app);
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = spaced(make_option_name(option, is_positional));
  const bool takes_value = option->get_type_size() != 0;
  if (takes_value && !is_positional) name += " " + option->get_type_name();
  if (option->get_expected_max() >= CLI::detail::expected_max_vector_size) name += " ...";
  std::string text = option->get_description();
  if (takes_value && !option->get_default_str().empty())
    text += " (default: " + option->get_default_str() + ")";
  return two_columns(name, text);
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return two_columns(command->get_name(), command->get_description());
}

}  // namespace likeness::cli
