#include "train/painter_model.h"

#include <string>

#include <likeness/evaluate/text.h>

#include "train/encoder_log.h"

namespace likeness {
namespace {

std::string data_of(const PainterPictures& pictures) {
  std::string text = "contents " + pictures.contents.folders;
  if (!pictures.styles.training.empty()) text += "; styles " + pictures.styles.folders;
  return text + "; every 25th held out";
}

/// "cypress/wave": what the styles are called.
std::string names_of(const std::vector<std::filesystem::path>& pictures) {
  std::string text;
  for (const auto& picture : pictures) text += (text.empty() ? "" : "/") + picture.stem().string();
  return text;
}

}  // namespace

ModelEntry describe_painter(const PainterTrainingOptions& options, const PainterResult& result,
                            const PainterPictures& pictures) {
  const bool fixed = !pictures.fixed.empty();
  ModelEntry entry;
  entry.id = options.id;
  entry.task = "painter";
  entry.summary = std::string("paints a picture in ") +
                  (fixed ? "the styles it was made for" : "any style") +
                  " in one pass; trained by 'likeness train painter'";
  entry.licence = std::string("Apache-2.0, as Likeness; learned under ") +
                  (options.perceptual.empty() ? "a student of " : "") +
                  "VGG-19 (Oxford Visual Geometry Group, CC BY 4.0)";
  entry.input = "RGB 0..1, sides of 16 px or more, multiples of 8";
  entry.quality = std::to_string(result.held_out_pairs) +
                  " held-out pairs, under the network it learned from: content " +
                  likeness::fixed(result.last.content, 3) + ", style " +
                  likeness::fixed(result.last.style, 3) +
                  " of what the other picture unchanged costs; statistics " +
                  likeness::fixed(result.last.statistics, 3);
  entry.architecture = "painter";
  if (fixed) entry.settings = {{"styles", names_of(options.style_pictures)}};
  entry.training = {
      {"data", data_of(pictures)},
      {"seed", std::to_string(options.seed)},
      {"steps", std::to_string(result.steps) + " of " + std::to_string(options.steps)},
      {"time", likeness::fixed(result.seconds / 60, 1) + " minutes"},
      {"parameters", std::to_string(result.parameters)}};
  if (result.encoder_steps > 0)
    entry.training["encoder"] = std::to_string(result.encoder_steps) + " steps before, " +
                                likeness::fixed(result.encoder_seconds / 60, 1) + " minutes; " +
                                to_text(result.encoder);
  if (!options.command.empty()) entry.training["command"] = options.command;
  return entry;
}

}  // namespace likeness
