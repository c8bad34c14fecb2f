#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/text.h>
#include <likeness/model/local_model.h>
#include <likeness/train/log_file.h>
#include <likeness/train/perceptual_training.h>
#include <likeness/train/run_report.h>

#include "train/perceptual_model.h"
#include "train/perceptual_student.h"
#include "train/perceptual_trainer.h"
#include "train/run_folder.h"
#include "train/step_loop.h"
#include "train/trainer_options.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTeacherBytes = std::size_t{4} << 30;

void check(const PerceptualTrainingOptions& options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw Error(ErrorCode::invalid_argument, what);
  };
  require(options.width > 0 && options.width <= 1, "--width must be above 0 and at most 1");
  require(options.steps >= 0, "--steps must not be negative");
  require(options.crop >= net::VggImpl::smallest_side(kLastTap) && options.crop <= 1024,
          "--crop must be from 16 to 1024");
  require(options.batch >= 1 && options.batch <= 1024, "--batch must be from 1 to 1024");
  require(options.on_the_way >= 1 && options.painted >= 1 && options.moves >= 1 &&
              options.lifetime >= 1 && options.start_crops >= 1 && options.warm_up >= 0 &&
              options.validate_every >= 1 && options.checkpoint_every >= 1,
          "counts of pictures and steps must be above 0");
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate),
          "--learning-rate must be above 0");
  require(options.clip >= 0 && options.average >= 0 && options.average < 1 &&
              options.feature_weight >= 0 && options.gram_weight >= 0 &&
              options.gradient_weight >= 0 && options.difference_weight >= 0,
          "weights of losses, --clip and the average must not be negative");
}

/// The student that a run goes on from.
struct Start {
  TensorMap tensors;   ///< none: the teacher's filters
  std::string sha256;  ///< of the file
};

Start read_start(const PerceptualTrainingOptions& options,
                 const std::vector<std::int64_t>& of_teacher) {
  if (options.init.empty()) return {};
  const ModelEntry entry = read_local_model(options.init, builtin_manifest());
  if (entry.architecture != "vgg")
    throw Error(ErrorCode::invalid_argument,
                options.init.string() + ": holds a " + entry.task + ", not a perceptual network");
  TensorMap tensors = read_safetensors(entry.file).tensors;
  // Whole, and a student of such a teacher: what is missing would quietly be the teacher's.
  Student student(layers_in(tensors, kStudentBlocks, entry.file.string()), of_teacher);
  try {
    student->take_over(tensors);
  } catch (const Error& error) {
    throw Error(error.code(), entry.file.string() + ": " + error.what());
  }
  return {.tensors = std::move(tensors), .sha256 = entry.sha256};
}

/// Gives the options the channels that the student is to have.
void choose_widths(PerceptualTrainingOptions& options, const std::vector<std::int64_t>& of_teacher,
                   const Start& start) {
  std::vector<std::int64_t>& widths = options.widths;
  std::vector<std::int64_t>& tap_widths = options.tap_widths;
  if (widths.empty() && !start.tensors.empty()) {
    const net::VggOptions layers = layers_in(start.tensors, kStudentBlocks, options.init.string());
    widths = layers.widths;
    if (tap_widths.empty()) tap_widths = layers.tap_widths;
  }
  if (widths.empty())
    for (const std::int64_t width : of_teacher)
      widths.push_back(
          std::max<std::int64_t>(1, std::llround(static_cast<double>(width) * options.width)));
  if (tap_widths.empty()) tap_widths = widths;
  const auto fit = [&](const std::vector<std::int64_t>& some, std::size_t i, std::int64_t least) {
    return some[i] >= least && some[i] <= of_teacher[i];
  };
  const std::size_t blocks = of_teacher.size();
  const std::string numbers = " must be " + std::to_string(blocks) + " numbers from ";
  bool fits = widths.size() == blocks;
  for (std::size_t i = 0; fits && i < blocks; ++i) fits = fit(widths, i, 1);
  if (!fits)
    throw Error(ErrorCode::invalid_argument, "--widths" + numbers + "1 to the teacher's " +
                                                 widths_text(of_teacher) + ", not " +
                                                 widths_text(widths));
  fits = tap_widths.size() == blocks && tap_widths.back() == widths.back();
  for (std::size_t i = 0; fits && i < blocks; ++i) fits = fit(tap_widths, i, widths[i]);
  if (!fits)
    throw Error(ErrorCode::invalid_argument,
                "--tap-widths" + numbers + "the widths " + widths_text(widths) +
                    " to the teacher's " + widths_text(of_teacher) +
                    ", the last one as in the widths, not " + widths_text(tap_widths));
}

/// All that the result depends on.
RunSettings settings_of(const PerceptualTrainingOptions& options,
                        const PerceptualPictures& pictures, const Start& start) {
  // Short where that is exact.
  const auto number = [](double value) {
    const std::string text = std::to_string(value);
    return std::stod(text) == value ? text : exact_text(value);
  };
  return {{"pictures", pictures.fingerprint},
          {"teacher", sha256(read_file(options.teacher, kMaxTeacherBytes))},
          {"start", start.sha256.empty() ? "the teacher's filters" : start.sha256},
          {"widths", widths_text(options.widths)},
          {"tap widths", widths_text(options.tap_widths)},
          {"steps", std::to_string(options.steps)},
          {"seed", std::to_string(options.seed)},
          {"crop", std::to_string(options.crop)},
          {"batch", std::to_string(options.batch)},
          {"pictures on the way", std::to_string(options.on_the_way)},
          {"pictures being painted", std::to_string(options.painted)},
          {"moves", std::to_string(options.moves)},
          {"lifetime", std::to_string(options.lifetime)},
          {"crops of the start", std::to_string(options.start_crops)},
          {"learning rate", number(options.learning_rate)},
          {"warm-up", std::to_string(options.warm_up)},
          {"clip", number(options.clip)},
          {"average", number(options.average)},
          {"feature weight", number(options.feature_weight)},
          {"Gram weight", number(options.gram_weight)},
          {"gradient weight", number(options.gradient_weight)},
          {"difference weight", number(options.difference_weight)},
          {"activations", options.bf16 ? "bf16" : "f32"}};
}

/// One call of train_perceptual after its inputs were read.
class Run {
 public:
  Run(const PerceptualTrainingOptions& options, const PerceptualPictures& pictures,
      const net::Vgg& teacher, const Start& start);
  PerceptualResult go(Progress& progress, const Cancellation* cancellation);

 private:
  fs::path checkpoint_path() const { return options_.out / "checkpoint.safetensors"; }
  void restore();
  void save();
  void validate(Progress& progress);

  const PerceptualTrainingOptions& options_;
  const PerceptualPictures& pictures_;
  RunSettings settings_;
  PerceptualTrainer trainer_;
  PerceptualResult result_;
  fs::path log_path_;
  std::optional<LogFile> log_;
};

Run::Run(const PerceptualTrainingOptions& options, const PerceptualPictures& pictures,
         const net::Vgg& teacher, const Start& start)
    : options_(options),
      pictures_(pictures),
      settings_(settings_of(options, pictures, start)),
      trainer_(options, pictures, teacher, start.tensors),
      log_path_(options.log.empty() ? options.out / "log.jsonl" : options.log) {
  result_.training_pictures = static_cast<std::int64_t>(pictures.training.size());
  result_.held_out_pictures = static_cast<std::int64_t>(pictures.held_out.size());
  result_.skipped = pictures.skipped;
  result_.parameters = trainer_.parameters();
  std::error_code ignored;
  if (options_.resume && fs::exists(checkpoint_path(), ignored)) restore();
  log_.emplace(log_path_, trainer_.steps());
}

void Run::restore() {
  const Checkpoint checkpoint = read_checkpoint(checkpoint_path());
  check_same_run(checkpoint.settings, settings_);
  trainer_.restore(checkpoint);
  result_.start = parse_perceptual_measures(checkpoint.text("start"));
  result_.last = parse_perceptual_measures(checkpoint.text("last"));
}

void Run::save() {
  Checkpoint checkpoint{.settings = settings_, .state = {}, .tensors = {}};
  checkpoint.state = {{"start", to_json(result_.start)}, {"last", to_json(result_.last)}};
  trainer_.save(checkpoint);
  write_checkpoint(checkpoint_path(), checkpoint);
}

void Run::validate(Progress& progress) {
  const bool known = result_.last.step == trainer_.steps();  // a finished run goes on
  if (trainer_.steps() == options_.steps) trainer_.fit_lifts();
  result_.last = trainer_.measure();
  if (result_.start.step < 0) result_.start = result_.last;
  result_.steps = trainer_.steps();
  result_.seconds = trainer_.seconds();
  if (!known) log_->write(to_json(result_.last));
  std::string figures;
  for (const double r2 : result_.last.r2) figures += " " + fixed(r2, 4);
  progress.note("step " + std::to_string(result_.steps) + ": R2" + figures);
  result_.model = write_local_model(
      options_.out,
      {.entry = describe_student(options_, result_, pictures_), .weights = trainer_.exported()},
      Precision::half);
  write_file(options_.out / "report.html", run_report_html(options_.out, log_path_));
}

PerceptualResult Run::go(Progress& progress, const Cancellation* cancellation) {
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

PerceptualResult train_perceptual(const PerceptualTrainingOptions& given, Progress& progress,
                                  const Cancellation* cancellation) {
  PerceptualTrainingOptions options = given;
  check(options);
  if (options.id.empty()) options.id = id_from_folder(options.out);
  net::Vgg teacher = load_teacher(options.teacher);
  const Start start = read_start(options, teacher->options.widths);
  choose_widths(options, teacher->options.widths, start);
  prepare_run_folder(options.out, options.resume);
  const PerceptualPictures pictures =
      read_perceptual_pictures(options.data, progress, cancellation);
  teacher->to(options.device);
  return Run(options, pictures, teacher, start).go(progress, cancellation);
}

}  // namespace likeness
