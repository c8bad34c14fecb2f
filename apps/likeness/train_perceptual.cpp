/// likeness train perceptual: a slim student of VGG-19, which paints in its place.

#include <memory>
#include <string>

#include <likeness/core/device.h>
#include <likeness/core/heap.h>
#include <likeness/net/vgg.h>
#include <likeness/train/perceptual_training.h>

#include "json.h"
#include "number_text.h"
#include "train_command.h"

namespace likeness::cli {
namespace {

struct PerceptualCommand {
  PerceptualTrainingOptions run;
  std::string data;
  std::string teacher;
  std::string out;
  std::string log;
  std::string init;
  bool f32 = false;
};

Json measures_json(const PerceptualMeasures& measures) {
  return {{"step", measures.step}, {"r2", measures.r2}, {"gram_error", measures.gram_error}};
}

Json result_json(const PerceptualResult& result, const PerceptualTrainingOptions& options) {
  return {{"model", result.model.id},
          {"folder", options.out.string()},
          {"weights", result.model.file.string()},
          {"report", (options.out / "report.html").string()},
          {"parameters", result.parameters},
          {"training_pictures", result.training_pictures},
          {"held_out_pictures", result.held_out_pictures},
          {"skipped_pictures", result.skipped},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"start", measures_json(result.start)},
          {"last", measures_json(result.last)}};
}

std::string taps_text(const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i)
    text += (text.empty() ? "" : ", ") + std::string(to_string(static_cast<net::Tap>(i))) + " " +
            fixed(values[i], 4);
  return text;
}

std::string to_text(const PerceptualResult& result, const PerceptualTrainingOptions& options) {
  return "trained " + result.model.id + " (" + std::to_string(result.parameters) +
         " parameters) on " + std::to_string(result.training_pictures) + " pictures\n" +
         "  steps       " + std::to_string(result.steps) + ", " + format_duration(result.seconds) +
         "\n" + "  R2          " + taps_text(result.last.r2) + " (" +
         std::to_string(result.held_out_pictures) + " other pictures)\n" + "  Gram error  " +
         taps_text(result.last.gram_error) + "\n" + "  before      " + taps_text(result.start.r2) +
         "\n" + "  model       " + options.out.string() + "\n" + "  report      " +
         (options.out / "report.html").string() + "\n";
}

int run_perceptual(const PerceptualCommand& options, CommandContext& context) {
  keep_freed_memory();
  PerceptualTrainingOptions run = options.run;
  run.data = options.data;
  run.teacher = options.teacher;
  run.out = options.out;
  run.log = options.log;
  run.init = options.init;
  run.device = context.prepare_device();
  run.bf16 = !options.f32 && has_fast_bfloat16(run.device);
  run.command = context.command_line;
  const PerceptualResult result =
      train_perceptual(run, context.progress(), &context.stop_on_interrupt());
  if (context.json)
    context.print_json(result_json(result, run));
  else
    context.print(to_text(result, run));
  return kOk;
}

void add_inputs(CLI::App& command, PerceptualCommand& options) {
  command
      .add_option("--data", options.data,
                  "Folder of pictures, all in it and below; every 25th by name is held out")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--teacher", options.teacher,
                  "VGG-19's weights: safetensors with torchvision's names, up to relu4_1 at least")
      ->required()
      ->type_name("FILE");
  command.add_option("--out", options.out, "Folder of the run: model, log, report, checkpoint")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--id", options.run.id, "What the model is called (default: the folder's name)")
      ->type_name("ID");
  command
      .add_option("--log", options.log,
                  "The log, one JSON line a step (default: log.jsonl in "
                  "the run's folder)")
      ->type_name("FILE");
  command
      .add_option(
          "--init", options.init,
          "Student to go on from: the folder of a run (default: the teacher's own filters); "
          "where --widths or --tap-widths are others, it is kept as far as it fits")
      ->type_name("DIR");
  command.add_flag("--resume", options.run.resume, "Go on from the folder's checkpoint");
}

void add_training(CLI::App& command, PerceptualTrainingOptions& run) {
  command.add_option("--width", run.width, "Share of the teacher's channels")
      ->capture_default_str();
  command
      .add_option("--widths", run.widths,
                  "Channels of the four blocks in place of --width: 32,64,184,368")
      ->delimiter(',')
      ->type_name("N,N,N,N");
  command
      .add_option("--tap-widths", run.tap_widths,
                  "Channels of the four layers that are compared, where they are to be more than "
                  "later layers read: 32,64,256,512 (default: --widths)")
      ->delimiter(',')
      ->type_name("N,N,N,N");
  command.add_option("--steps", run.steps, "Steps of training")->capture_default_str();
  command.add_option("--seed", run.seed, "Seed of all random choices")->capture_default_str();
  command.add_option("--crop", run.crop, "Side of the crops in pixels")->capture_default_str();
  command.add_option("--batch", run.batch, "New crops a step")->capture_default_str();
  command.add_option("--on-the-way", run.on_the_way, "Pictures a step that are being painted")
      ->capture_default_str();
  command.add_option("--painted", run.painted, "Pictures being painted at a time")
      ->capture_default_str();
  command
      .add_option("--moves", run.moves,
                  "Steps that a picture is painted on each time that it was learned from")
      ->capture_default_str();
  command
      .add_option("--lifetime", run.lifetime,
                  "Steps until a painting is put aside for a new one; the longer, the nearer to "
                  "what a descent ends at")
      ->capture_default_str();
  command.add_option("--learning-rate", run.learning_rate, "Highest learning rate of Adam")
      ->capture_default_str();
  command
      .add_option(
          "--average", run.average,
          "How much of the weights' running average a step keeps; it is what is saved. Less "
          "for a short run: 0.99 looks back 100 steps")
      ->capture_default_str();
  command.add_option("--feature-weight", run.feature_weight, "Weight of the activations' error")
      ->capture_default_str();
  command.add_option("--gram-weight", run.gram_weight, "Weight of the Gram matrices' error")
      ->capture_default_str();
  command
      .add_option("--gradient-weight", run.gradient_weight,
                  "Weight of the error of the gradient to the picture")
      ->capture_default_str();
  command
      .add_option("--difference-weight", run.difference_weight,
                  "Weight of the error of what is left between a painting and its aims")
      ->capture_default_str();
  command.add_option("--validate-every", run.validate_every, "Steps between two measurements")
      ->capture_default_str();
  command.add_option("--checkpoint-every", run.checkpoint_every, "Steps between two checkpoints")
      ->capture_default_str();
}

}  // namespace

void add_perceptual_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<PerceptualCommand>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "perceptual",
       .summary = "Train a slim student of VGG-19, which paints in its place",
       .examples =
           "likeness train perceptual --data pictures --teacher vgg19.safetensors --out run\n"
           "likeness train perceptual --data pictures --teacher vgg19.safetensors --width 0.25 "
           "--out run\n"
           "likeness train perceptual --data pictures --teacher vgg19.safetensors --out run "
           "--resume"},
      [options, &context] { return run_perceptual(*options, context); });
  add_inputs(command, *options);
  add_training(command, options->run);
  command.add_flag("--f32", options->f32, "Activations in float32, even where bfloat16 is fast");
  add_compute_options(command, context);
}

}  // namespace likeness::cli
