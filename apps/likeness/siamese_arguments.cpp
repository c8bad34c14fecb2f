/// likeness train siamese: what can be typed, and the help.

#include <string>

#include "networks.h"
#include "siamese_options.h"

namespace likeness::cli {
namespace {

void add_data_options(CLI::App& command, SiameseCommand& options) {
  command
      .add_option("--data", options.data,
                  "Folder with one folder of photos for each person, or a CSV file path,identity")
      ->type_name("DIR|CSV")
      ->required();
  command.add_option("--exclude", options.exclude, "File with identities to leave out, one a line")
      ->type_name("FILE");
  command
      .add_option(
          "--benchmark", options.benchmarks,
          "What the model will be judged on: folders of identities, compared by name and by "
          "face, or lists of names; who is in them is left out and named")
      ->type_name("DIR|LIST");
  command
      .add_option("--validation", options.run.validation_share,
                  "Share of the people that is kept for validation")
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--without", options.without,
                  "Kinds of augmentation to switch off: all, flip, affine, pose, colour, grey, "
                  "blur, jpeg, cutout")
      ->type_name("KIND")
      ->delimiter(',');
  AugmentationOptions::Pose& pose = options.run.augmentation.pose;
  command
      .add_option("--turned", pose.probability,
                  "Share of the faces whose head is turned, for photos from the side")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str();
  command.add_option("--turn", pose.degrees, "How far at most, in degrees to either side")
      ->type_name("DEGREES")
      ->check(CLI::Range(0.0, 80.0).description(""))
      ->capture_default_str();
}

void add_encoder_options(CLI::App& command, SiameseCommand& options) {
  command
      .add_option(
          "--init", options.run.init,
          "What to start from: none (a compact encoder with random weights), a face encoder, or "
          "the folder of one that was trained here")
      ->type_name("none|ID|RUN")
      ->capture_default_str();
  command
      .add_option("--train", options.train,
                  "What learns: network, or head (a linear map behind the frozen --init)")
      ->type_name("PART")
      ->capture_default_str();
  command
      .add_option("--size", options.run.compact.size,
                  "Size of the compact encoder's input in pixels, a multiple of 16")
      ->type_name("PIXELS")
      ->check(CLI::Range(32, 112).description(""))
      ->capture_default_str();
  command.add_option("--dimensions", options.run.compact.dimensions, "Numbers in an encoding")
      ->type_name("N")
      ->check(CLI::Range(8, 512).description(""))
      ->capture_default_str();
  FineTuningOptions& tuning = options.run.fine_tuning;
  command
      .add_option("--freeze", tuning.freeze,
                  "Last layer of --init that does not learn, counted from the picture; a name that "
                  "is wrong lists them")
      ->type_name("LAYER");
  command
      .add_option("--layer-decay", tuning.layer_decay,
                  "Learning rate of each layer of --init as a share of the next one's")
      ->type_name("X")
      ->capture_default_str();
  command
      .add_option("--distil", tuning.distil,
                  "Weight in the loss of the squared distance to what --init makes of each face "
                  "unchanged: keeps what it can do; 1 is much")
      ->type_name("X")
      ->capture_default_str();
  command.add_flag("--bf16", options.run.bf16, "Compute convolutions in bfloat16");
}

void add_head_options(CLI::App& command, SiameseCommand& options) {
  HeadOptions& head = options.run.head;
  command
      .add_option("--head-start", options.head_start,
                  "Where a head starts: identity, or wccn (whitens the differences between photos "
                  "of one person)")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--shrinkage", head.shrinkage,
                  "How far wccn is drawn to the identity: 0 not at all, 1 all the way")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str();
  command
      .add_option("--keep", head.keep,
                  "Weight of the head's squared distance from its start in the loss")
      ->type_name("X")
      ->capture_default_str();
  command
      .add_option("--views", head.views,
                  "Variations of each training face that a head learns from beside the face itself")
      ->type_name("N")
      ->check(CLI::Range(0, 1000).description(""))
      ->capture_default_str();
  command.add_flag("--bias", head.bias, "Let the head learn a shift as well");
}

void add_triplet_options(CLI::App& command, SiameseCommand& options) {
  TrainerOptions& trainer = options.run.trainer;
  command.add_option("--loss", options.loss, "triplet, or triplet-soft (softplus, no margin)")
      ->type_name("LOSS")
      ->capture_default_str();
  command
      .add_option("--margin", trainer.loss.margin,
                  "How much farther, in squared distance, a negative must be")
      ->type_name("DISTANCE")
      ->capture_default_str();
  command.add_option("--sharpness", trainer.loss.sharpness, "How sharp the soft margin is")
      ->capture_default_str();
  command
      .add_option("--pair-loss", options.run.pair_loss.weight,
                  "Weight of a pair classifier's loss beside that of the triplets: it learns "
                  "together with the encoder; 0: none")
      ->type_name("WEIGHT")
      ->capture_default_str();
  command
      .add_option("--pair-form", options.pair_form,
                  "What that classifier looks at: absolute or chi-squared")
      ->type_name("FORM")
      ->capture_default_str();
  std::string names;
  for (const Mining strategy : all_mining_strategies())
    names += (names.empty() ? "" : ", ") + std::string(to_string(strategy));
  command.add_option("--mining", options.mining, "How triplets are chosen: " + names)
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--p", trainer.sampler.identities, "People in a batch")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--k", trainer.sampler.pictures, "Pictures of each of them")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--memory", trainer.memory,
                  "Encodings of earlier batches to mine from as well; 0: none")
      ->type_name("N")
      ->capture_default_str();
}

void add_descent_options(CLI::App& command, SiameseCommand& options) {
  TrainerOptions& trainer = options.run.trainer;
  CLI::Option* steps = command.add_option(
      "--steps", options.steps, "Steps of the run (default 10000, with --init MODEL 2000)");
  steps->type_name("N");
  command
      .add_option("--epochs", options.run.epochs, "Length of the run in epochs, instead of --steps")
      ->type_name("N")
      ->excludes(steps);
  command.add_option("--optimiser", options.optimiser, "sgd or adamw")
      ->type_name("NAME")
      ->capture_default_str();
  const auto number = [&](const char* name, double& value, const char* text) {
    command.add_option(name, value, text)->type_name("X")->capture_default_str();
  };
  const auto count = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->type_name("N")->capture_default_str();
  };
  command
      .add_option("--learning-rate", options.learning_rate,
                  "The highest learning rate (default 1e-3, head 1e-4, with --init MODEL 3e-5)")
      ->type_name("X");
  command
      .add_option("--warm-up", options.warm_up,
                  "Steps until it is reached (default 500, with --init MODEL 100)")
      ->type_name("N");
  command
      .add_option("--weight-decay", options.weight_decay,
                  "Weight decay of filters and matrices (default 0.05, with --init MODEL 0)")
      ->type_name("X");
  number("--momentum", trainer.optimiser.momentum, "Momentum of sgd");
  number("--clip", trainer.clip, "Longest gradient; 0: any");
  number("--average", trainer.average, "Decay of the moving average of the weights; 0: none");
  count("--accumulate", trainer.accumulation, "Batches whose gradients make one step");
  count("--seed", trainer.seed, "Seed of all that is random");
}

void add_run_options(CLI::App& command, SiameseCommand& options) {
  TrainerOptions& trainer = options.run.trainer;
  command.add_option("--out", options.out, "Folder for log, checkpoint and model")
      ->type_name("RUN")
      ->required();
  command.add_flag("--resume", options.run.resume,
                   "Go on from the checkpoint in RUN; repeat the other options");
  command.add_option("--id", options.run.id, "Name of the model (default: the name of RUN)")
      ->type_name("ID");
  command.add_option("--log", options.log, "Log, one JSON object a step (default RUN/log.jsonl)")
      ->type_name("FILE.jsonl");
  const auto count = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->type_name("N")->capture_default_str();
  };
  count("--validate-every", trainer.validate_every, "Steps between validations");
  count("--checkpoint-every", trainer.checkpoint_every, "Steps between checkpoints");
  count("--patience", trainer.patience,
        "Stop after so many validations without a new best; 0: never");
  command
      .add_option("--patience-far", trainer.patience_far,
                  "The best has the highest TAR at this FAR: 1e-2 or 1e-3")
      ->type_name("RATE")
      ->check(CLI::IsMember({1e-2, 1e-3}).description(""))
      ->capture_default_str();
  command
      .add_option("--process-timeout", options.process_timeout,
                  "Seconds that processes which train together wait for one another")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->capture_default_str();
  command.add_option("--weights", options.weights, "Precision of the model's file: fp16 or f32")
      ->type_name("TYPE")
      ->capture_default_str();
}

}  // namespace

void add_siamese_options(CLI::App& command, SiameseCommand& options) {
  add_data_options(command, options);
  add_encoder_options(command, options);
  add_head_options(command, options);
  add_triplet_options(command, options);
  add_descent_options(command, options);
  add_run_options(command, options);
  add_detector_options(command, options.run.detector);
}

}  // namespace likeness::cli
