/// likeness style CONTENT STYLE -o OUT: a picture painted in the style of another.

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include <likeness/core/heap.h>
#include <likeness/image/codec.h>
#include <unistd.h>

#include "console_progress.h"
#include "json.h"
#include "number_text.h"
#include "style_fast.h"
#include "style_grid.h"
#include "style_inputs.h"
#include "style_options.h"
#include "terminal_picture.h"

namespace likeness::cli {
namespace {

Json levels_json(const StyliseResult& result) {
  Json levels = Json::array();
  for (const StyleLevel& level : result.levels)
    levels.push_back({{"width", level.width},
                      {"height", level.height},
                      {"views", level.views},
                      {"iterations", level.iterations},
                      {"seconds", level.seconds},
                      {"total_loss", level.cost},
                      {"converged", level.converged}});
  return levels;
}

Json to_json(const StyliseResult& result, const StyleCommand& options) {
  return {{"output", options.output},
          {"iterations", result.iterations},
          {"seconds", result.seconds},
          {"content_loss", result.costs.content},
          {"style_loss", result.costs.style},
          {"total_loss", result.costs.total},
          {"peak_memory_mb", peak_memory_mb()},
          {"estimated_memory_mb", static_cast<double>(result.memory_need) / 1e6},
          {"tile", result.tile_side},
          {"width", result.picture.width()},
          {"height", result.picture.height()},
          {"stopped", result.cancelled},
          {"levels", levels_json(result)}};
}

std::string to_text(const StyliseResult& result, const StyleCommand& options) {
  std::ostringstream text;
  text.precision(4);
  text << options.output << ": " << result.picture.width() << " x " << result.picture.height()
       << " pixels, " << result.iterations << " iterations in " << format_duration(result.seconds)
       << "\n";
  if (result.cancelled) {
    text << "  stopped; go on with the same command and --resume\n";
    return text.str();
  }
  text << "  J " << result.costs.total << " = content " << result.costs.content << " x "
       << options.run.weights.content << " + style " << result.costs.style << " x "
       << options.run.weights.style << "; memory " << std::lround(peak_memory_mb()) << " MB\n";
  return text.str();
}

/// Standard output shows previews where it is a terminal that can, unless it is to carry JSON.
TerminalPictures preview_terminal(const StyliseOptions& run, const CommandContext& context) {
  if (run.preview_every <= 0 || context.json || context.quiet) return TerminalPictures::none;
  return terminal_pictures(STDOUT_FILENO);
}

int run_style(const StyleCommand& options, CommandContext& context) {
  keep_freed_memory();
  if (options.grid) return run_style_grid(options, context);
  if (options.fast) return run_fast_style(options, context);
  StyliseOptions run = stylise_options(options);
  check_output(options);
  const c10::Device device = context.prepare_device();
  const Image content = read_image(options.content);
  const std::vector<StyleSource> styles = read_styles(options, content, context);
  if (run.start == StyleStart::picture) run.start_picture = read_image(options.start);
  const PerceptualNetwork network = load_network(options, device);
  run.cache = context.store().root() / "style";
  run.state = options.output + ".state";
  run.preview = [&, terminal = preview_terminal(run, context)](const Image& picture, int) {
    write_image(options.output, picture, options.quality);
    if (terminal != TerminalPictures::none) context.print(picture_text(picture, terminal));
  };
  const StyliseResult result =
      stylise(network, content, styles, run, context.progress(), &context.stop_on_interrupt());
  write_image(options.output, result.picture, options.quality);
  if (context.json)
    context.print_json(to_json(result, options));
  else
    context.print(to_text(result, options));
  return result.cancelled ? kInterrupted : kOk;
}

}  // namespace

void add_style_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<StyleCommand>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "style",
       .summary = "Paint a picture in the style of another",
       .examples = "likeness style photo.jpg starry_night.jpg -o out.png\n"
                   "likeness style photo.jpg wave.jpg -o out.png --size 1024 --style-weight 100\n"
                   "likeness style photo.jpg wave.jpg seurat.jpg --blend 0.3,0.7 -o out.jpg\n"
                   "likeness style photo.jpg wave.jpg -o out.png --original-colors\n"
                   "likeness style photo.jpg sky.jpg wave.jpg --mask sky.png,sea.png -o out.png\n"
                   "likeness style photo.jpg wave.jpg -o out.png --time-budget 60s "
                   "--preview-every 20\n"
                   "likeness style photo.jpg wave.jpg -o out.png --fast\n"
                   "likeness style photo.jpg wave.jpg -o out.png --fast --refine 30\n"
                   "likeness style photos/ 'paintings/*.jpg' -o out --grid --fast"},
      [options, &context] { return run_style(*options, context); });
  add_style_options(command, *options);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
