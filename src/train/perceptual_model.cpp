#include "train/perceptual_model.h"

#include <string>

#include <likeness/evaluate/text.h>
#include <likeness/net/vgg.h>

namespace likeness {
namespace {

/// "relu1_1 0.990 (Gram 0.002), …"
std::string quality_of(const PerceptualMeasures& measures) {
  std::string text;
  for (std::size_t i = 0; i < measures.r2.size(); ++i)
    text += (text.empty() ? "" : ", ") + std::string(to_string(static_cast<net::Tap>(i))) + " " +
            fixed(measures.r2[i], 4) + " (Gram matrices " + fixed(1 - measures.gram_error[i], 4) +
            ")";
  return text;
}

}  // namespace

std::string widths_text(const std::vector<std::int64_t>& widths) {
  std::string text;
  for (const std::int64_t width : widths) text += (text.empty() ? "" : ",") + std::to_string(width);
  return text;
}

ModelEntry describe_student(const PerceptualTrainingOptions& options,
                            const PerceptualResult& result, const PerceptualPictures& pictures) {
  ModelEntry entry;
  entry.id = options.id;
  entry.task = "perceptual network";
  entry.summary =
      "slim student of VGG-19 up to relu4_1, with a lift to the teacher's channels at each tap; "
      "trained by 'likeness train perceptual'";
  entry.licence =
      "Apache-2.0, as Likeness; distilled from VGG-19 (Oxford Visual Geometry Group, CC BY 4.0)";
  entry.input = "RGB 0..1, sides of 16 px or more, reflection padding";
  entry.quality = "R2 of the teacher's activations (and of its Gram matrices) on " +
                  std::to_string(result.held_out_pictures) +
                  " held-out pictures: " + quality_of(result.last);
  entry.architecture = "vgg";
  entry.settings = {{"widths", widths_text(options.widths)}};
  if (options.tap_widths != options.widths)
    entry.settings["tap widths"] = widths_text(options.tap_widths);
  entry.training = {
      {"data",
       pictures.folders + "; " + std::to_string(result.held_out_pictures) + " of them held out"},
      {"seed", std::to_string(options.seed)},
      {"steps", std::to_string(result.steps) + " of " + std::to_string(options.steps)},
      {"time", fixed(result.seconds / 60, 1) + " minutes"},
      {"parameters", std::to_string(result.parameters)}};
  if (!options.command.empty()) entry.training["command"] = options.command;
  return entry;
}

}  // namespace likeness
