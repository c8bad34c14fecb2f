/// The command-line program: declares the subcommands, runs the one that was asked for and turns
/// whatever goes wrong into one line on stderr and an exit code.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <likeness/core/error.h>
#include <likeness/core/version.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "command.h"
#include "help_format.h"

namespace likeness::cli {
namespace {

constexpr std::string_view kOverview = R"(Examples:
  likeness verify anna1.jpg anna2.jpg        do both photos show one person?
  likeness enroll Anna anna.jpg              from now on Anna is known
  likeness identify door.jpg                 who is it, or nobody?
  likeness detect group.jpg --draw out.png   where are the faces?
  likeness embed photos/ -o faces.npy        one encoding for each photo of a folder
  likeness style photo.jpg wave.jpg -o out.png   paint a photo in the style of a picture
  likeness video in.mp4 out.mp4 --style wave.jpg  paint a film, without flicker
  likeness serve                             all of it over HTTP, with a web page

Exit codes:
  0   done (verify: the same person)
  1   done, but some inputs were skipped (verify: different people;
      identify: some faces are nobody's; video: the film breaks off)
  2   error: one line on stderr says what is wrong
  130 stopped with Ctrl-C; what was finished is kept
  141 whoever read the output went away

'likeness COMMAND --help' shows the options of a command with their defaults.)";

void print_error(bool json, std::string_view code, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::string line = "likeness: error: " + message;
  if (json) {
    const nlohmann::ordered_json error = {{"error", {{"code", code}, {"message", message}}}};
    line = error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

/// Runs the chosen command; every exception ends here.
int run_action(CommandContext& context) {
  try {
    return context.action();
  } catch (const ReaderLeft&) {
    return kReaderLeft;
  } catch (const Error& error) {
    print_error(context.json, to_string(error.code()), error.what());
    if (error.code() == ErrorCode::cancelled) return kInterrupted;
  } catch (const std::bad_alloc&) {
    print_error(context.json, "out_of_memory",
                "out of memory; use smaller pictures, or fewer at once");
  } catch (const c10::Error& error) {
    std::string message = error.what_without_backtrace();
    message.resize(std::min(message.size(), message.find('\n')));
    print_error(context.json, "internal", "internal error in LibTorch: " + message);
  } catch (const std::exception& error) {
    print_error(context.json, "internal", std::string("internal error: ") + error.what());
  }
  return kFailed;
}

/// --json anywhere before "--", for errors that stop the parsing before it is reached.
bool asks_for_json(std::span<char*> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--") return false;
    if (argument == "--json") return true;
  }
  return false;
}

/// What was typed, with quotes where a shell needs them.
std::string command_line(std::span<char*> arguments) {
  std::string line = "likeness";
  for (const std::string_view argument : arguments.subspan(1)) {
    const bool plain = !argument.empty() &&
                       argument.find_first_of(" \t\n\"'\\$`*?[](){}<>|&;#!~") == argument.npos;
    line += plain ? " " + std::string(argument) : " '" + std::string(argument) + "'";
  }
  return line;
}

/// "likeness evaluate verification": as far as the parser came.
std::string asked_command(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* command : app.get_subcommands()) name += " " + asked_command(*command);
  return name;
}

/// A standard stream that the caller has closed would become the first file that is opened, and
/// messages would end up in it. /dev/null takes its place, opened the wrong way round, so that
/// using it is the error that it was.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0)
      ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free number
}

int run(int argc, char** argv) {
  CommandContext context;
  context.command_line = command_line({argv, static_cast<std::size_t>(argc)});
  CLI::App app(
      "Likeness finds faces in photos, says whether two of them show one person, and paints "
      "pictures in the style of others.",
      "likeness");
  app.set_version_flag("--version", std::string("likeness ") + kVersion);
  app.footer(std::string(kOverview));
  app.formatter(std::make_shared<HelpFormat>());
  add_verify_command(app, context);
  add_enroll_command(app, context);
  add_identify_command(app, context);
  add_watch_command(app, context);
  add_cluster_command(app, context);
  add_gallery_command(app, context);
  add_keys_command(app, context);
  add_detect_command(app, context);
  add_embed_command(app, context);
  add_models_command(app, context);
  add_evaluate_command(app, context);
  add_calibrate_command(app, context);
  add_train_command(app, context);
  add_report_command(app, context);
  add_style_command(app, context);
  add_video_command(app, context);
  add_serve_command(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help, --version
    context.action = [&app, &wish, &context] {
      const bool help = dynamic_cast<const CLI::CallForHelp*>(&wish) != nullptr;
      context.print(help ? app.help() : std::string(wish.what()) + "\n");
      return kOk;
    };
    return run_action(context);
  } catch (const CLI::ParseError& error) {
    print_error(asks_for_json({argv, static_cast<std::size_t>(argc)}),
                to_string(ErrorCode::invalid_argument),
                std::string(error.what()) + " (see " + asked_command(app) + " --help)");
    return kFailed;
  }
  if (!context.action)
    context.action = [&app, &context] {
      context.print(app.help());
      return kOk;
    };
  return run_action(context);
}

}  // namespace
}  // namespace likeness::cli

int main(int argc, char** argv) {
  likeness::cli::occupy_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // writing to a closed pipe is an error that print() handles
  return likeness::cli::run(argc, argv);
}
