#include "style_fast.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>
#include <likeness/style/one_pass.h>

#include "json.h"
#include "number_text.h"
#include "style_inputs.h"

namespace likeness::cli {
namespace {

/// Descent's own options would do nothing.
void check_options(const StyleCommand& options) {
  if (options.refine > 0 || options.of_descent.empty()) return;
  throw Error(ErrorCode::invalid_argument,
              options.of_descent.front() +
                  ": has no meaning with --fast alone; add --refine N, or leave out --fast");
}

/// For a painter that knows only its own styles, STYLE names one of them.
std::vector<OnePassStyle> known_styles(const StyleCommand& options, const OnePassPainter& painter) {
  if (options.refine > 0)
    throw Error(ErrorCode::invalid_argument,
                "--refine: needs the style's picture, and this painter knows its styles by name");
  if (!options.masks.empty() || !options.style_masks.empty())
    throw Error(ErrorCode::invalid_argument,
                "--mask and --style-mask: not with a painter that knows its styles by name");
  if (!options.blend.empty() && options.blend.size() != options.styles.size())
    throw Error(ErrorCode::invalid_argument, "--blend: " + std::to_string(options.blend.size()) +
                                                 " given for " +
                                                 std::to_string(options.styles.size()) + " styles");
  std::vector<OnePassStyle> styles;
  for (std::size_t i = 0; i < options.styles.size(); ++i) {
    painter.code_of(options.styles[i]);
    styles.push_back(
        {.known = options.styles[i], .share = options.blend.empty() ? 1 : options.blend[i]});
  }
  return styles;
}

std::vector<OnePassStyle> with_pictures(std::vector<StyleSource> sources) {
  std::vector<OnePassStyle> styles;
  for (StyleSource& source : sources)
    styles.push_back({.picture = std::move(source.picture),
                      .share = source.share,
                      .mask = std::move(source.mask),
                      .region = std::move(source.region)});
  return styles;
}

void note_blend(const StyleCommand& options, CommandContext& context) {
  double sum = 0;
  for (const double share : options.blend) sum += share;
  if (!options.blend.empty() && sum > 0 && std::abs(sum - 1) > 1e-6)
    context.progress().note("--blend: the shares sum to " + fixed(sum, 3) + "; scaled to 1");
}

/// Descent from what the pass made, at its size.
StyliseResult refined(const StyleCommand& options, const Image& content, const Image& painted,
                      CommandContext& context, c10::Device device) {
  StyliseOptions run = stylise_options(options);
  run.start = StyleStart::picture;
  run.start_picture = without_alpha(painted);
  run.size = std::max(painted.width(), painted.height());
  run.iterations = options.refine;
  run.cache = context.store().root() / "style";
  return stylise(load_network(options, device), content, read_styles(options, content, context),
                 run, context.progress(), &context.stop_on_interrupt());
}

Json to_json(const OnePassResult& result, const StyleCommand& options) {
  return {{"output", options.output},
          {"seconds", result.seconds},
          {"style_seconds", result.style_seconds},
          {"peak_memory_mb", peak_memory_mb()},
          {"estimated_memory_mb", static_cast<double>(result.memory_need) / 1e6},
          {"tile", result.tile_side},
          {"width", result.picture.width()},
          {"height", result.picture.height()}};
}

std::string to_text(const OnePassResult& result, const StyleCommand& options) {
  return options.output + ": " + std::to_string(result.picture.width()) + " x " +
         std::to_string(result.picture.height()) + " pixels in one pass of " +
         fixed(result.seconds, 2) + " s" +
         (result.tile_side > 0 ? ", in tiles of " + std::to_string(result.tile_side) + " pixels"
                               : "") +
         "\n";
}

}  // namespace

OnePassPainter load_painter(const StyleCommand& options, c10::Device device) {
  const PainterLoadOptions load = {.bf16 = bf16_for(options.precision, device)};
  return options.painter.empty() ? builtin_painter(device, load)
                                 : open_painter(options.painter, device, load);
}

OnePassOptions one_pass_options(const StyleCommand& options, const StyliseOptions& run) {
  check_options(options);
  OnePassOptions result{.controls = {.alpha = options.alpha},
                        .size = run.size,
                        .style_scale = run.style_scale,
                        .original_colours = run.original_colours,
                        .memory = run.memory};
  std::copy_n(options.strength.begin(), result.controls.strength.size(),
              result.controls.strength.begin());
  return result;
}

int run_fast_style(const StyleCommand& options, CommandContext& context) {
  const StyliseOptions run = stylise_options(options);
  const OnePassOptions pass = one_pass_options(options, run);
  check_output(options);
  const c10::Device device = context.prepare_device();
  const OnePassPainter painter = load_painter(options, device);
  const Image content = read_image(options.content);
  const std::vector<OnePassStyle> styles =
      painter.styles().empty() ? with_pictures(read_styles(options, content, context))
                               : known_styles(options, painter);
  note_blend(options, context);
  OnePassResult result = paint_in_one_pass(painter, content, styles, pass, context.progress(),
                                           &context.stop_on_interrupt());
  Json json = to_json(result, options);
  std::string text = to_text(result, options);
  bool stopped = false;
  if (options.refine > 0) {
    StyliseResult descent = refined(options, content, result.picture, context, device);
    json["refined"] = {{"iterations", descent.iterations},
                       {"seconds", descent.seconds},
                       {"content_loss", descent.costs.content},
                       {"style_loss", descent.costs.style},
                       {"total_loss", descent.costs.total}};
    text += "  refined by " + std::to_string(descent.iterations) + " iterations in " +
            format_duration(descent.seconds) + ": J " + fixed(descent.costs.total, 3) + "\n";
    stopped = descent.cancelled;
    result.picture = std::move(descent.picture);
  }
  write_image(options.output, result.picture, options.quality);
  if (context.json)
    context.print_json(json);
  else
    context.print(text);
  return stopped ? kInterrupted : kOk;
}

}  // namespace likeness::cli
