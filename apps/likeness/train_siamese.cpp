/// likeness train siamese: an encoder that learns from triplets.

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <likeness/core/device.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/heap.h>
#include <likeness/train/siamese_run.h>

#include "console_progress.h"
#include "json.h"
#include "networks.h"
#include "number_text.h"
#include "siamese_options.h"
#include "train_command.h"

namespace likeness::cli {
namespace {

Json measures_json(const ValidationMeasures& measures) {
  return {{"step", measures.step}, {"tar_1e-2", measures.tar_1e2}, {"tar_1e-3", measures.tar_1e3},
          {"eer", measures.eer},   {"auc", measures.auc},          {"accuracy", measures.accuracy}};
}

/// What the network achieved before it was trained, where that was measured.
Json start_json(const TrainingOutcome& training) {
  return training.start.step < 0 ? Json() : measures_json(training.start);
}

Json overlaps_json(const std::vector<Overlap>& overlaps) {
  Json list = Json::array();
  for (const Overlap& overlap : overlaps)
    list.push_back({{"identity", overlap.identity},
                    {"reason", to_string(overlap.reason)},
                    {"benchmark_name", overlap.benchmark_name},
                    {"distance", overlap.distance},
                    {"picture", overlap.picture},
                    {"benchmark_picture", overlap.benchmark_picture}});
  return list;
}

Json result_json(const SiameseResult& result, const SiameseOptions& options) {
  return {{"model", result.model.id},
          {"folder", options.out.string()},
          {"weights", result.model.file.string()},
          {"report", (options.out / "report.html").string()},
          {"parameters", result.parameters},
          {"faces", result.faces},
          {"identities", result.identities},
          {"validation_faces", result.validation_faces},
          {"validation_identities", result.validation_identities},
          {"skipped_pictures", result.skipped},
          {"left_out", overlaps_json(result.overlaps)},
          {"steps", result.training.steps},
          {"stopped_early", result.training.stopped_early},
          {"seconds", result.training.seconds},
          {"start", start_json(result.training)},
          {"best", measures_json(result.training.best)},
          {"last", measures_json(result.training.last)},
          {"warnings", result.training.warnings}};
}

std::string to_text(const SiameseResult& result, const SiameseOptions& options) {
  const ValidationMeasures& best = result.training.best;
  std::string text = "trained " + result.model.id + " (" + std::to_string(result.parameters) +
                     " parameters) on " + std::to_string(result.faces) + " faces of " +
                     std::to_string(result.identities) + " people\n";
  for (const Overlap& overlap : result.overlaps)
    text += "  left out    " + to_string(overlap) + "\n";
  text += "  steps       " + std::to_string(result.training.steps) +
          (result.training.stopped_early ? ", stopped early" : "") + ", " +
          format_duration(result.training.seconds) + "\n";
  text += "  validation  TAR " + percent(best.tar_1e2) + " at FAR 1e-2, " + percent(best.tar_1e3) +
          " at 1e-3, EER " + percent(best.eer) + " (step " + std::to_string(best.step) + ", " +
          std::to_string(result.validation_faces) + " faces of " +
          std::to_string(result.validation_identities) + " other people)\n";
  if (result.training.start.step >= 0)
    text += "  before      TAR " + percent(result.training.start.tar_1e2) + " at FAR 1e-2, " +
            percent(result.training.start.tar_1e3) + " at 1e-3, EER " +
            percent(result.training.start.eer) + "\n";
  text += "  model       " + options.out.string() + "\n";
  text += "  report      " + (options.out / "report.html").string() + "\n";
  text += "  use it      likeness verify A.jpg B.jpg --model " + options.out.string() +
          " --threshold 1\n";
  return text;
}

int run_siamese(const SiameseCommand& options, CommandContext& context) {
  keep_freed_memory();
  SiameseOptions run = run_options(options, context);
  ModelStore store = context.store();
  if (run.init != "none") run.init = open_face_encoder(store, run.init, "--init");
  check_siamese_options(store, run);
  fetch_missing_weights(store, run.init == "none" ? "" : run.init, context);
  const SiameseResult result =
      train_siamese(store, run, context.progress(), &context.stop_on_interrupt());
  if (run.processes && run.processes->rank > 0) return kOk;  // process 0 tells it
  if (context.json)
    context.print_json(result_json(result, run));
  else
    context.print(to_text(result, run));
  return kOk;
}

}  // namespace

void add_siamese_command(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<SiameseCommand>();
  CLI::App& command = *add_command(
      parent, context,
      {.name = "siamese",
       .summary = "Train a face encoder with the triplet loss",
       .examples =
           "likeness train siamese --data photos --init none --out run\n"
           "likeness train siamese --data photos --mining semi-hard --steps 20000 --out run\n"
           "likeness train siamese --data photos --init none --out run --resume\n"
           "likeness train siamese --data photos --benchmark lfw --out run\n"
           "likeness train siamese --data photos --init mobilefacenet --distil 1 --out run\n"
           "likeness train siamese --data photos --init duo --train head --out run\n"
           "torchrun --no_python --nproc_per_node 2 likeness train siamese --data photos --out "
           "run"},
      [options, &context] { return run_siamese(*options, context); });
  add_siamese_options(command, *options);
  add_compute_options(command, context);
}

}  // namespace likeness::cli
