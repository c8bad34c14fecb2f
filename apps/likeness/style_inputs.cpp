#include "style_inputs.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/codec.h>
#include <likeness/style/mask.h>
#include <sys/resource.h>

namespace likeness::cli {
namespace {

namespace fs = std::filesystem;

PerceptualOptions perceptual_options(const StyleCommand& options, c10::Device device) {
  if (options.pooling != "max" && options.pooling != "average")
    throw Error(ErrorCode::invalid_argument,
                "--pooling " + options.pooling + ": use max or average");
  return {.bf16 = bf16_for(options.precision, device),
          .pooling = options.pooling == "max" ? net::Pooling::maximum : net::Pooling::average};
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

}  // namespace

bool bf16_for(const std::string& precision, c10::Device device) {
  if (precision == "auto") return has_fast_bfloat16(device);
  if (precision == "bf16") return true;
  if (precision == "f32") return false;
  throw Error(ErrorCode::invalid_argument, "--precision " + precision + ": use auto, f32 or bf16");
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

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

PerceptualNetwork open_student(const std::string& name, c10::Device device,
                               const PerceptualOptions& options) {
  if (name == "vgg_half") return builtin_perceptual_network(device, options);
  return open_perceptual_network(name, device, options);
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
  return open_student(options.perceptual, device, perceptual);
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

}  // namespace likeness::cli
