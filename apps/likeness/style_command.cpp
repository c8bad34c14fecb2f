/// likeness style CONTENT STYLE -o OUT: a picture painted in the style of another.

#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/heap.h>
#include <likeness/image/codec.h>
#include <likeness/style/mask.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "console_progress.h"
#include "number_text.h"
#include "style_options.h"
#include "terminal_picture.h"

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The largest memory that this process has had, in 10⁶ bytes.
double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

/// Throws Error when OUT could not be written, or would replace a picture that it is made from.
void check_output(const StyleCommand& options) {
  format_from_path(options.output);
  check_writable(options.output);
  std::vector<std::string> inputs = options.styles;
  inputs.push_back(options.content);
  inputs.insert(inputs.end(), options.masks.begin(), options.masks.end());
  inputs.insert(inputs.end(), options.style_masks.begin(), options.style_masks.end());
  std::error_code ignored;
  for (const std::string& input : inputs)
    if (fs::equivalent(options.output, input, ignored))
      throw Error(ErrorCode::invalid_argument, "-o " + options.output +
                                                   ": would overwrite a picture that is read; name "
                                                   "another place");
}

bool bf16_for(const std::string& precision, c10::Device device) {
  if (precision == "auto") return has_fast_bfloat16(device);
  if (precision == "bf16") return true;
  if (precision == "f32") return false;
  throw Error(ErrorCode::invalid_argument, "--precision " + precision + ": use auto, f32 or bf16");
}

PerceptualOptions perceptual_options(const StyleCommand& options, c10::Device device) {
  if (options.pooling != "max" && options.pooling != "average")
    throw Error(ErrorCode::invalid_argument,
                "--pooling " + options.pooling + ": use max or average");
  return {.bf16 = bf16_for(options.precision, device),
          .pooling = options.pooling == "max" ? net::Pooling::maximum : net::Pooling::average};
}

PerceptualNetwork load_network(const StyleCommand& options, c10::Device device) {
  const PerceptualOptions perceptual = perceptual_options(options, device);
  if (options.perceptual == "vgg19") {
    if (options.weights.empty())
      throw Error(ErrorCode::missing_model,
                  "--perceptual vgg19: its weights are not part of Likeness; give a safetensors "
                  "file with torchvision's names by --weights FILE");
    return load_vgg19(options.weights, device, perceptual);
  }
  if (!options.weights.empty())
    throw Error(ErrorCode::invalid_argument, "--weights: only with --perceptual vgg19");
  if (options.perceptual == "vgg_half") return builtin_perceptual_network(device, perceptual);
  return open_perceptual_network(options.perceptual, device, perceptual);
}

/// One picture for each style, 'all' for none.
Image mask_of(const std::vector<std::string>& masks, std::size_t index) {
  if (masks.empty() || masks[index] == "all") return {};
  return read_mask(masks[index]);
}

void check_count(std::size_t given, std::size_t styles, const std::string& option) {
  if (given != 0 && given != styles)
    throw Error(ErrorCode::invalid_argument, option + ": " + std::to_string(given) + " given for " +
                                                 std::to_string(styles) + " styles");
}

/// A mask of another shape than its picture is stretched over it, which is worth a word.
void warn_of_shape(const Image& mask, const Image& picture, const std::string& name,
                   CommandContext& context) {
  if (!mask.empty() && !has_aspect_of(mask, picture))
    context.warn(name + ": is " + std::to_string(mask.width()) + " x " +
                 std::to_string(mask.height()) + ", its picture " +
                 std::to_string(picture.width()) + " x " + std::to_string(picture.height()) +
                 ": stretched over it");
}

std::vector<StyleSource> read_styles(const StyleCommand& options, const Image& content,
                                     CommandContext& context) {
  const std::size_t count = options.styles.size();
  check_count(options.blend.size(), count, "--blend");
  check_count(options.masks.size(), count, "--mask");
  check_count(options.style_masks.size(), count, "--style-mask");
  std::vector<StyleSource> styles;
  for (std::size_t i = 0; i < count; ++i) {
    StyleSource style{.picture = read_image(options.styles[i]),
                      .share = options.blend.empty() ? 1 : options.blend[i],
                      .mask = mask_of(options.style_masks, i),
                      .region = mask_of(options.masks, i)};
    if (!style.mask.empty())
      warn_of_shape(style.mask, style.picture, options.style_masks[i], context);
    if (!style.region.empty()) warn_of_shape(style.region, content, options.masks[i], context);
    styles.push_back(std::move(style));
  }
  return styles;
}

Json levels_json(const StyliseResult& result) {
  Json levels = Json::array();
  for (const StyleLevel& level : result.levels)
    levels.push_back({{"width", level.width},
                      {"height", level.height},
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
                   "--preview-every 20"},
      [options, &context] { return run_style(*options, context); });
  add_style_options(command, *options);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
