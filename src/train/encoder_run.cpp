#include "train/encoder_run.h"

#include <filesystem>
#include <string>
#include <system_error>

#include <likeness/train/log_file.h>

#include "train/encoder_lesson.h"
#include "train/encoder_log.h"
#include "train/painter_losses.h"
#include "train/step_loop.h"

namespace likeness {

namespace fs = std::filesystem;

void teach_encoder(const PainterTrainingOptions& options, const RunSettings& settings,
                   const PainterPictures& pictures, const PerceptualNetwork& network,
                   const net::PainterEncoder& encoder, PainterResult& result, Progress& progress,
                   const Cancellation* cancellation) {
  const PaintingJudge judge(network);
  EncoderLesson lesson(options, result.encoder_steps, pictures, judge, encoder);
  const fs::path checkpoint_path = options.out / "encoder.safetensors";
  std::error_code ignored;
  if (options.resume && fs::exists(checkpoint_path, ignored)) {
    const Checkpoint checkpoint = read_checkpoint(checkpoint_path);
    check_same_run(checkpoint.settings, settings);
    lesson.restore(checkpoint);
    result.encoder = parse_encoder_measures(checkpoint.text("last"));
  }
  LogFile log(options.out / "encoder.jsonl", lesson.steps());
  const auto validate = [&] {
    const bool known = result.encoder.step == lesson.steps();  // a finished lesson goes on
    result.encoder = lesson.measure();
    if (!known) log.write(to_json(result.encoder));
    progress.note("the encoder's step " + std::to_string(result.encoder.step) + ": " +
                  to_text(result.encoder));
  };
  const auto save = [&] {
    Checkpoint checkpoint{.settings = settings, .state = {}, .tensors = {}};
    checkpoint.state = {{"last", to_json(result.encoder)}};
    lesson.save(checkpoint);
    write_checkpoint(checkpoint_path, checkpoint);
  };
  run_steps({.what = "teaching the encoder",
             .steps = result.encoder_steps,
             .validate_every = options.validate_every,
             .checkpoint_every = options.checkpoint_every,
             .validate_first = result.encoder.step < 0,
             .done = [&] { return lesson.steps(); },
             .learn = [&] { log.write(to_json(lesson.learn())); },
             .validate = validate,
             .save = save},
            progress, cancellation);
  result.encoder_seconds = lesson.seconds();
  lesson.finish();
}

}  // namespace likeness
