#pragma once

/// What the subcommands share: how one is declared, the options that all have, and the only ways
/// out (standard output, progress, errors, exit codes).
///
/// A subcommand lives in a file of its own. It parses, calls the library, prints:
///
///     void add_count_command(CLI::App& parent, CommandContext& context) {
///       auto options = std::make_shared<CountOptions>();
///       CLI::App* command = add_command(parent, context,
///           {.name = "count", .summary = "Count faces", .examples = "likeness count anna.jpg"},
///           [options, &context] { return run_count(*options, context); });
///       command->add_option("photo", options->photo, "Photo, or - for standard
///       input")->required(); add_compute_options(*command, context);
///     }
///
/// run_count throws likeness::Error for what the user can mend; main prints it and ends with 2.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <c10/core/Device.h>
#include <likeness/core/progress.h>
#include <likeness/model/store.h>
#include <nlohmann/json_fwd.hpp>

#include "console_progress.h"

namespace likeness::cli {

/// How the program ends.
enum ExitCode : int {
  kOk = 0,
  kSamePerson = 0,       ///< verify
  kDifferentPeople = 1,  ///< verify
  kSomeFailed = 1,       ///< the work is done, some inputs were reported and skipped
  kFailed = 2,           ///< nothing useful was done; one line on stderr says why
  kInterrupted = 130,    ///< Ctrl-C or SIGTERM; what was finished is kept
  kReaderLeft = 141,     ///< whoever read standard output went away (`| head -1`)
};

/// Thrown by CommandContext::print when nobody reads standard output any more.
struct ReaderLeft {};

class CommandContext {
 public:
  // Options that all subcommands have.
  bool json = false;
  bool quiet = false;
  std::string command_line;  ///< as it was typed, set by main
  std::string cache;  ///< empty: $LIKENESS_CACHE, $XDG_CACHE_HOME/likeness, ~/.cache/likeness
  // Options of the subcommands that compute (add_compute_options).
  std::string device = "auto";
  int threads = 0;

  /// What was asked for on the command line; set while parsing, called by main.
  std::function<int()> action;

  /// Writes to standard output at once. Throws ReaderLeft or Error(write_failed).
  void print(std::string_view text);
  /// Prints `value`, indented, and a new line.
  void print_json(const nlohmann::ordered_json& value);
  /// One line `likeness: warning: …` on stderr; nothing with --json (results carry it there).
  void warn(std::string_view message);

  /// Where progress goes: a bar or lines on stderr, nothing with --quiet or --json.
  Progress& progress();

  /// The cache of weights that --cache names.
  ModelStore store() const { return ModelStore(cache); }
  /// Sets the threads that --threads asks for and returns the device that --device names.
  c10::Device prepare_device() const;

  /// From now on Ctrl-C and SIGTERM request a stop here, the second one kills. For batches that
  /// look at it between two inputs and return kInterrupted.
  const Cancellation& stop_on_interrupt();

 private:
  void clear_bar();

  std::unique_ptr<ConsoleProgress> progress_;
};

struct CommandText {
  std::string name;
  std::string summary;   ///< one line
  std::string examples;  ///< lines as one would type them; shown at the end of --help
};

/// Adds a subcommand with the shared options; `run` returns the exit code.
CLI::App* add_command(CLI::App& parent, CommandContext& context, const CommandText& text,
                      std::function<int()> run);

/// Adds --device and --threads.
void add_compute_options(CLI::App& command, CommandContext& context);

void add_verify_command(CLI::App& parent, CommandContext& context);
void add_detect_command(CLI::App& parent, CommandContext& context);
void add_embed_command(CLI::App& parent, CommandContext& context);
void add_models_command(CLI::App& parent, CommandContext& context);
void add_evaluate_command(CLI::App& parent, CommandContext& context);
void add_calibrate_command(CLI::App& parent, CommandContext& context);
void add_train_command(CLI::App& parent, CommandContext& context);
void add_report_command(CLI::App& parent, CommandContext& context);
void add_enroll_command(CLI::App& parent, CommandContext& context);
void add_identify_command(CLI::App& parent, CommandContext& context);
void add_watch_command(CLI::App& parent, CommandContext& context);
void add_cluster_command(CLI::App& parent, CommandContext& context);
void add_gallery_command(CLI::App& parent, CommandContext& context);
void add_keys_command(CLI::App& parent, CommandContext& context);
void add_style_command(CLI::App& parent, CommandContext& context);
void add_video_command(CLI::App& parent, CommandContext& context);
void add_serve_command(CLI::App& parent, CommandContext& context);

}  // namespace likeness::cli
