#include "command.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <nlohmann/json.hpp>

namespace likeness::cli {
namespace {

/// The one global of the program: a signal handler can reach nothing else.
Cancellation interruption;

void request_stop(int signal) {
  interruption.request();
  std::signal(signal, SIG_DFL);  // the second one kills
}

std::string indented(const std::string& lines) {
  std::string text = "  ";
  for (const char letter : lines) {
    text += letter;
    if (letter == '\n') text += "  ";
  }
  return text;
}

}  // namespace

void CommandContext::print(std::string_view text) {
  clear_bar();
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  if (errno == EPIPE) throw ReaderLeft();
  throw Error(ErrorCode::write_failed, std::string("standard output: ") + std::strerror(errno));
}

void CommandContext::print_json(const nlohmann::ordered_json& value) {
  // A file name may hold bytes that are not UTF-8; they become U+FFFD.
  using Json = nlohmann::ordered_json;
  print(value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void CommandContext::warn(std::string_view message) {
  if (json) return;
  clear_bar();
  const std::string line = "likeness: warning: " + std::string(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void CommandContext::clear_bar() {
  if (progress_) progress_->clear_bar();
}

Progress& CommandContext::progress() {
  if (!progress_)
    progress_ = std::make_unique<ConsoleProgress>(ConsoleProgress::style_for_stderr(quiet || json));
  return *progress_;
}

c10::Device CommandContext::prepare_device() const {
  set_thread_count(threads);
  return choose_device(device);
}

const Cancellation& CommandContext::stop_on_interrupt() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  return interruption;
}

CLI::App* add_command(CLI::App& parent, CommandContext& context, const CommandText& text,
                      std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(text.name, text.summary);
  if (!text.examples.empty()) command->footer("Examples:\n" + indented(text.examples));
  command->add_flag("--json", context.json, "Print JSON; errors are JSON on stderr too")
      ->group("Shared options");
  command->add_flag("-q,--quiet", context.quiet, "No progress on stderr")->group("Shared options");
  command
      ->add_option("--cache", context.cache,
                   "Folder of the network weights (default $LIKENESS_CACHE, else "
                   "$XDG_CACHE_HOME/likeness, else ~/.cache/likeness)")
      ->type_name("DIR")
      ->group("Shared options");
  command->callback([&context, run = std::move(run)] { context.action = run; });
  return command;
}

void add_compute_options(CLI::App& command, CommandContext& context) {
  command.add_option("--device", context.device, "auto, cpu, cuda or cuda:N")
      ->type_name("DEVICE")
      ->capture_default_str()
      ->group("Shared options");
  command.add_option("--threads", context.threads, "Threads to compute with, 0 = all cores")
      ->type_name("N")
      ->capture_default_str()
      ->group("Shared options");
}

}  // namespace likeness::cli
