#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/text.h>
#include <likeness/image/codec.h>
#include <likeness/model/local_model.h>
#include <likeness/model/network.h>
#include <likeness/train/log_file.h>
#include <likeness/train/painter_training.h>
#include <likeness/train/run_report.h>

#include "train/encoder_run.h"
#include "train/painter_model.h"
#include "train/painter_start.h"
#include "train/painter_trainer.h"
#include "train/run_folder.h"
#include "train/seeds.h"
#include "train/step_loop.h"
#include "train/trainer_options.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxStyleBytes = std::size_t{256} << 20;
constexpr std::int64_t kEncoderSteps = 800;

void check(const PainterTrainingOptions& options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw Error(ErrorCode::invalid_argument, what);
  };
  require(options.steps >= 0 && options.encoder_steps.value_or(0) >= 0,
          "--steps and --encoder-steps must not be negative");
  require(options.encoder_batch >= 1 && options.encoder_learning_rate > 0 &&
              std::isfinite(options.encoder_learning_rate),
          "the encoder's batch and learning rate must be above 0");
  require(options.crop >= 32 && options.crop <= 1024 && options.crop % 8 == 0,
          "--crop must be a multiple of 8 from 32 to 1024");
  require(options.batch >= 1 && options.batch <= 256, "--batch must be from 1 to 256");
  require(options.style_crops >= 1 && options.warm_up >= 0 && options.validate_every >= 1 &&
              options.checkpoint_every >= 1,
          "counts of pictures and steps must be above 0");
  require(options.style_size >= 32 && options.style_size <= 2048,
          "--style-size must be from 32 to 2048");
  require(options.photo_share >= 0 && options.photo_share <= 1,
          "--photo-share must be from 0 to 1");
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate),
          "--learning-rate must be above 0");
  require(options.clip >= 0 && options.average >= 0 && options.average < 1 &&
              options.content_weight >= 0 && options.style_weight >= 0 &&
              options.statistics_weight >= 0 && options.identity_weight >= 0 &&
              options.coherence_weight >= 0,
          "weights of losses, --clip and the average must not be negative");
  require(options.styles.empty() || options.style_pictures.empty(),
          "--styles and --style exclude each other: a painter knows any style, or the given ones");
}

/// Styles are called by their files' names.
void check_names(const PainterTrainingOptions& options) {
  std::set<std::string> names;
  for (const fs::path& picture : options.style_pictures)
    if (!names.insert(picture.stem().string()).second)
      throw Error(ErrorCode::invalid_argument, picture.string() +
                                                   ": two --style pictures are called '" +
                                                   picture.stem().string() + "'; rename one");
}

std::string number(double value) {
  const std::string text = std::to_string(value);
  return std::stod(text) == value ? text : exact_text(value);
}

/// What both parts of a run depend on.
RunSettings common_settings(const PainterTrainingOptions& options, const PainterPictures& pictures,
                            const PerceptualNetwork& network, const TensorMap& start) {
  RunSettings settings = {{"pictures", pictures.contents.fingerprint},
                          {"styles", pictures.styles.fingerprint},
                          {"perceptual network", network.fingerprint()},
                          {"seed", std::to_string(options.seed)},
                          {"crop", std::to_string(options.crop)}};
  if (!start.empty()) settings["start"] = sha256(serialize_safetensors({.tensors = start}));
  return settings;
}

/// All that the encoder depends on.
RunSettings lesson_settings(const PainterTrainingOptions& options, std::int64_t steps,
                            RunSettings settings) {
  settings.merge(RunSettings{{"encoder steps", std::to_string(steps)},
                             {"encoder batch", std::to_string(options.encoder_batch)},
                             {"encoder learning rate", number(options.encoder_learning_rate)}});
  return settings;
}

/// All that the painter depends on.
RunSettings painter_settings(const PainterTrainingOptions& options, const PainterPictures& pictures,
                             RunSettings settings) {
  settings.merge(RunSettings{{"steps", std::to_string(options.steps)},
                             {"batch", std::to_string(options.batch)},
                             {"style crops", std::to_string(options.style_crops)},
                             {"photo share", number(options.photo_share)},
                             {"learning rate", number(options.learning_rate)},
                             {"warm-up", std::to_string(options.warm_up)},
                             {"clip", number(options.clip)},
                             {"average", number(options.average)},
                             {"content weight", number(options.content_weight)},
                             {"style weight", number(options.style_weight)},
                             {"statistics weight", number(options.statistics_weight)},
                             {"identity weight", number(options.identity_weight)},
                             {"coherence weight", number(options.coherence_weight)}});
  for (const fs::path& picture : options.style_pictures)
    settings["style " + picture.stem().string()] = sha256(read_file(picture, kMaxStyleBytes));
  if (!pictures.fixed.empty()) settings["style size"] = std::to_string(options.style_size);
  return settings;
}

PainterPictures read_pictures(const PainterTrainingOptions& options, Progress& progress,
                              const Cancellation* cancellation) {
  PainterPictures pictures;
  for (const fs::path& picture : options.style_pictures)
    pictures.fixed.push_back(read_image(picture));
  pictures.contents = read_perceptual_pictures(options.data, progress, cancellation);
  if (!options.styles.empty())
    pictures.styles = read_perceptual_pictures(options.styles, progress, cancellation);
  return pictures;
}

TensorMap read_painter(const fs::path& folder) {
  const ModelEntry entry = read_local_model(folder, builtin_manifest());
  if (entry.task != "painter")
    throw Error(ErrorCode::invalid_argument,
                folder.string() + ": holds a " + entry.task + ", not a painter");
  return read_safetensors(entry.file).tensors;
}

/// The painter to start from, or the mean of several.
TensorMap read_start(const PainterTrainingOptions& options) {
  if (options.init.size() == 1) return read_painter(options.init.front());
  TensorMap sum;
  for (const fs::path& folder : options.init) {
    const TensorMap painter = read_painter(folder);
    const bool first = sum.empty();
    for (const auto& [name, tensor] : painter) {
      at::Tensor& total = sum[name];
      if (!first && (!total.defined() || total.sizes() != tensor.sizes()))
        throw Error(ErrorCode::invalid_argument,
                    folder.string() + ": a painter of other sizes than " +
                        options.init.front().string() + "; no mean can be taken");
      total = first ? tensor.to(at::kFloat) : total + tensor.to(at::kFloat);
    }
    if (painter.size() != sum.size())
      throw Error(ErrorCode::invalid_argument,
                  folder.string() + ": a painter of other parts than " +
                      options.init.front().string() + "; no mean can be taken");
  }
  for (auto& [name, tensor] : sum) tensor = tensor / static_cast<double>(options.init.size());
  return sum;
}

/// The weights of `start`, or random ones, after the encoder's lesson.
TensorMap after_lesson(const PainterTrainingOptions& options, const PainterPictures& pictures,
                       const PerceptualNetwork& network, const TensorMap& start,
                       PainterResult& result, Progress& progress,
                       const Cancellation* cancellation) {
  net::Painter painter(painter_options(start));
  painter->initialise(derived_seed(options.seed, SeedStream::weights));
  if (!start.empty()) load_start(*painter, start);
  painter->to(options.device);
  teach_encoder(options,
                lesson_settings(options, result.encoder_steps,
                                common_settings(options, pictures, network, start)),
                pictures, network, painter->encoder, result, progress, cancellation);
  for (net::Retouch& look : painter->retouches) look->retrace(*painter->encoder);
  TensorMap tensors;
  for (const auto& item : painter->named_parameters())
    tensors[item.key()] = item.value().detach().to(at::kCPU).clone();
  return tensors;
}

/// The painter's part of a run.
class Run {
 public:
  Run(const PainterTrainingOptions& options, const PainterPictures& pictures,
      const PerceptualNetwork& network, const TensorMap& start, const PainterResult& so_far);
  PainterResult go(Progress& progress, const Cancellation* cancellation);

 private:
  fs::path checkpoint_path() const { return options_.out / "checkpoint.safetensors"; }
  void restore();
  void save();
  void validate(Progress& progress);

  const PainterTrainingOptions& options_;
  const PainterPictures& pictures_;
  RunSettings settings_;
  PainterTrainer trainer_;
  PainterResult result_;
  fs::path log_path_;
  std::optional<LogFile> log_;
};

Run::Run(const PainterTrainingOptions& options, const PainterPictures& pictures,
         const PerceptualNetwork& network, const TensorMap& start, const PainterResult& so_far)
    : options_(options),
      pictures_(pictures),
      settings_(
          painter_settings(options, pictures, common_settings(options, pictures, network, start))),
      trainer_(options, pictures, network, start),
      result_(so_far),
      log_path_(options.log.empty() ? options.out / "log.jsonl" : options.log) {
  const auto count = [](const std::vector<Image>& images) {
    return static_cast<std::int64_t>(images.size());
  };
  result_.training_pictures = count(pictures.contents.training);
  result_.training_styles =
      count(pictures.fixed.empty() ? pictures.paintings().training : pictures.fixed);
  result_.held_out_pairs = trainer_.held_out_pairs();
  result_.skipped = pictures.contents.skipped + pictures.styles.skipped;
  result_.parameters = trainer_.parameters();
  std::error_code ignored;
  if (options_.resume && fs::exists(checkpoint_path(), ignored)) restore();
  log_.emplace(log_path_, trainer_.steps());
}

void Run::restore() {
  const Checkpoint checkpoint = read_checkpoint(checkpoint_path());
  check_same_run(checkpoint.settings, settings_);
  trainer_.restore(checkpoint);
  result_.start = parse_painter_measures(checkpoint.text("start"));
  result_.last = parse_painter_measures(checkpoint.text("last"));
}

void Run::save() {
  Checkpoint checkpoint{.settings = settings_, .state = {}, .tensors = {}};
  checkpoint.state = {{"start", to_json(result_.start)}, {"last", to_json(result_.last)}};
  trainer_.save(checkpoint);
  write_checkpoint(checkpoint_path(), checkpoint);
}

void Run::validate(Progress& progress) {
  const bool known = result_.last.step == trainer_.steps();  // a finished run goes on
  result_.last = trainer_.measure();
  if (result_.start.step < 0) result_.start = result_.last;
  result_.steps = trainer_.steps();
  result_.seconds = trainer_.seconds();
  if (!known) log_->write(to_json(result_.last));
  progress.note("step " + std::to_string(result_.steps) + ": content " +
                fixed(result_.last.content, 4) + ", style " + fixed(result_.last.style, 4) +
                ", statistics " + fixed(result_.last.statistics, 4));
  result_.model = write_local_model(
      options_.out,
      {.entry = describe_painter(options_, result_, pictures_), .weights = trainer_.exported()},
      Precision::half);
  write_image(options_.out / "preview.png", trainer_.preview());
  write_file(options_.out / "report.html", run_report_html(options_.out, log_path_));
}

PainterResult Run::go(Progress& progress, const Cancellation* cancellation) {
  run_steps({.steps = options_.steps,
             .validate_every = options_.validate_every,
             .checkpoint_every = options_.checkpoint_every,
             .validate_first = result_.start.step < 0,
             .done = [this] { return trainer_.steps(); },
             .learn = [this] { log_->write(to_json(trainer_.learn())); },
             .validate = [this, &progress] { validate(progress); },
             .save = [this] { save(); }},
            progress, cancellation);
  return result_;
}

}  // namespace

PainterResult train_painter(const PainterTrainingOptions& given, Progress& progress,
                            const Cancellation* cancellation) {
  PainterTrainingOptions options = given;
  check(options);
  check_names(options);
  if (options.id.empty()) options.id = id_from_folder(options.out);
  const PerceptualOptions as = {.bf16 = options.bf16};
  const PerceptualNetwork network = options.perceptual.empty()
                                        ? builtin_perceptual_network(options.device, as)
                                        : load_vgg19(options.perceptual, options.device, as);
  TensorMap start = read_start(options);
  prepare_run_folder(options.out, options.resume);
  const PainterPictures pictures = read_pictures(options, progress, cancellation);
  PainterResult result;
  result.encoder_steps = options.encoder_steps.value_or(start.empty() ? kEncoderSteps : 0);
  if (result.encoder_steps > 0)
    start = after_lesson(options, pictures, network, start, result, progress, cancellation);
  return Run(options, pictures, network, start, result).go(progress, cancellation);
}

}  // namespace likeness
