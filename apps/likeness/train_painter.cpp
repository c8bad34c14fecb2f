/// likeness train painter: a network that paints in one pass.

#include <memory>
#include <string>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#include <likeness/train/painter_training.h>

#include "json.h"
#include "number_text.h"
#include "train_command.h"

namespace likeness::cli {
namespace {

struct PainterCommand {
  PainterTrainingOptions run;
  std::string data;
  std::string styles;
  std::vector<std::string> style_pictures;
  std::vector<std::string> init;
  std::string perceptual;
  std::string out;
  std::string log;
  bool f32 = false;
};

Json measures_json(const PainterMeasures& measures) {
  return {{"step", measures.step},
          {"content_share", measures.content},
          {"style_share", measures.style},
          {"statistics", measures.statistics},
          {"identity", measures.identity}};
}

/// What the encoder's features do not tell; null without a lesson.
Json missed_json(const PainterResult& result) {
  if (result.encoder_steps == 0) return nullptr;
  const auto& missed = result.encoder.missed;
  return {{"relu2_1", missed[0]},
          {"relu3_1", missed[1]},
          {"relu4_1", missed[2]},
          {"pixels", missed[3]}};
}

Json result_json(const PainterResult& result, const PainterTrainingOptions& options) {
  return {{"model", result.model.id},
          {"folder", options.out.string()},
          {"weights", result.model.file.string()},
          {"report", (options.out / "report.html").string()},
          {"preview", (options.out / "preview.png").string()},
          {"parameters", result.parameters},
          {"training_pictures", result.training_pictures},
          {"training_styles", result.training_styles},
          {"held_out_pairs", result.held_out_pairs},
          {"skipped_pictures", result.skipped},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"encoder_steps", result.encoder_steps},
          {"encoder_seconds", result.encoder_seconds},
          {"encoder_missed", missed_json(result)},
          {"start", measures_json(result.start)},
          {"last", measures_json(result.last)}};
}

std::string measures_text(const PainterMeasures& measures) {
  return "content " + fixed(measures.content, 3) + ", style " + fixed(measures.style, 3) +
         " of the unchanged pictures', statistics " + fixed(measures.statistics, 3);
}

std::string to_text(const PainterResult& result, const PainterTrainingOptions& options) {
  return "trained " + result.model.id + " (" + std::to_string(result.parameters) +
         " parameters) on " + std::to_string(result.training_pictures) + " pictures and " +
         std::to_string(result.training_styles) + " styles\n" + "  steps     " +
         std::to_string(result.steps) + ", " + format_duration(result.seconds) + "\n" +
         "  costs     " + measures_text(result.last) + " (" +
         std::to_string(result.held_out_pairs) + " other pairs)\n" + "  before    " +
         measures_text(result.start) + "\n" + "  preview   " +
         (options.out / "preview.png").string() + "\n" + "  model     " + options.out.string() +
         "\n" + "  report    " + (options.out / "report.html").string() + "\n";
}

int run_painter(const PainterCommand& options, CommandContext& context) {
  keep_freed_memory();
  PainterTrainingOptions run = options.run;
  run.data = options.data;
  run.styles = options.styles;
  run.style_pictures.assign(options.style_pictures.begin(), options.style_pictures.end());
  run.init.assign(options.init.begin(), options.init.end());
  run.perceptual = options.perceptual;
  run.out = options.out;
  run.log = options.log;
  run.device = context.prepare_device();
  run.bf16 = !options.f32 && has_fast_bfloat16(run.device);
  run.command = context.command_line;
  const PainterResult result = train_painter(run, context.progress(), &context.stop_on_interrupt());
  if (context.json)
    context.print_json(result_json(result, run));
  else
    context.print(to_text(result, run));
  return kOk;
}

void add_inputs(CLI::App& command, PainterCommand& options) {
  command
      .add_option("--data", options.data,
                  "Folder of photos, all in it and below; every 25th by name is held out")
      ->required()
      ->type_name("DIR");
  CLI::Option* styles =
      command
          .add_option("--styles", options.styles,
                      "Folder of paintings to learn styles from (default: --data)")
          ->type_name("DIR");
  command
      .add_option("--style", options.style_pictures,
                  "The only styles that it shall know: a smaller task, learned better and sooner")
      ->excludes(styles)
      ->type_name("PICTURE");
  command
      .add_option(
          "--init", options.init,
          "Painter to start from: the folder of a run; of several, the mean of their weights")
      ->type_name("DIR");
  command
      .add_option("--perceptual", options.perceptual,
                  "VGG-19's weights to learn under (default: the slim network compiled in)")
      ->type_name("FILE");
  command.add_option("--out", options.out, "Folder of the run: model, log, report, preview")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--id", options.run.id, "What the model is called (default: the folder's name)")
      ->type_name("ID");
  command
      .add_option("--log", options.log,
                  "The log, one JSON line a step (default: log.jsonl in the run's folder)")
      ->type_name("FILE");
  command.add_flag("--resume", options.run.resume, "Go on from the folder's checkpoint");
}

void add_training(CLI::App& command, PainterTrainingOptions& run) {
  const auto add = [&command](const char* name, auto& value, const char* help) {
    command.add_option(name, value, help)->capture_default_str();
  };
  command
      .add_option("--encoder-steps", run.encoder_steps,
                  "Steps before these that teach the encoder alone to see what the perceptual "
                  "network sees (default: 800, with --init 0)")
      ->type_name("INT");
  add("--steps", run.steps, "Steps of training");
  add("--seed", run.seed, "Seed of all random choices");
  add("--crop", run.crop, "Side of the crops in pixels");
  add("--batch", run.batch, "Pairs of a content and a style a step");
  add("--style-crops", run.style_crops, "Crops that styles are drawn from");
  add("--photo-share", run.photo_share, "Share of these that comes from --data");
  add("--style-size", run.style_size, "Longest side of each --style picture");
  add("--learning-rate", run.learning_rate, "Highest learning rate of Adam");
  add("--content-weight", run.content_weight, "Weight of the content's activations");
  add("--style-weight", run.style_weight, "Weight of the style's Gram matrices");
  add("--statistics-weight", run.statistics_weight, "Weight of the style's means and deviations");
  add("--identity-weight", run.identity_weight, "Weight of a picture in its own style");
  add("--coherence-weight", run.coherence_weight, "Weight of the content's local differences");
  add("--validate-every", run.validate_every, "Steps between two measurements");
  add("--checkpoint-every", run.checkpoint_every, "Steps between two checkpoints");
}

}  // namespace

void add_painter_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<PainterCommand>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "painter",
       .summary = "Train a network that paints in one pass, in any style or in a few",
       .examples =
           "likeness train painter --data photos --styles paintings --out run\n"
           "likeness train painter --data photos --style wave.jpg --style cypress.jpg --out run\n"
           "likeness train painter --data photos --styles paintings --out run --resume"},
      [options, &context] { return run_painter(*options, context); });
  add_inputs(command, *options);
  add_training(command, options->run);
  command.add_flag("--f32", options->f32, "Activations in float32, even where bfloat16 is fast");
  add_compute_options(command, context);
}

}  // namespace likeness::cli
