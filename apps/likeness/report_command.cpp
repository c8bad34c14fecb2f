/// likeness report: a training run as one page.

#include <filesystem>
#include <memory>
#include <string>

#include <likeness/core/files.h>
#include <likeness/train/run_report.h>
#include <nlohmann/json.hpp>

#include "command.h"

namespace likeness::cli {
namespace {

struct ReportCommand {
  std::string run;
  std::string log;
  std::string output;
};

int run_report(const ReportCommand& options, CommandContext& context) {
  const std::filesystem::path path = options.output.empty()
                                         ? std::filesystem::path(options.run) / "report.html"
                                         : std::filesystem::path(options.output);
  const std::string html = run_report_html(options.run, options.log);
  write_file(path, html);
  if (context.json)
    context.print_json({{"report", path.string()}, {"bytes", html.size()}});
  else
    context.print(path.string() + "\n");
  return kOk;
}

}  // namespace

void add_report_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<ReportCommand>();
  CLI::App& command =
      *add_command(parent, context,
                   {.name = "report",
                    .summary = "Show a training run as one page: curves, ROC, the hardest pairs",
                    .examples = "likeness report run\nlikeness report run -o run.html"},
                   [options, &context] { return run_report(*options, context); });
  command
      .add_option("RUN", options->run,
                  "Folder of a run of 'likeness train siamese' or 'perceptual'")
      ->type_name("")
      ->required();
  command.add_option("--log", options->log, "Its log, where it was kept elsewhere")
      ->type_name("FILE.jsonl");
  command
      .add_option("-o,--output", options->output, "Where the page goes (default: RUN/report.html)")
      ->type_name("FILE.html");
}

}  // namespace likeness::cli
