#include "networks.h"

#include <filesystem>
#include <system_error>

#include <likeness/core/error.h>

namespace likeness::cli {
namespace {

constexpr const char* kEncoderTask = "face encoder";

std::string face_encoders(const Manifest& manifest) {
  std::string names;
  for (const ModelEntry& entry : manifest.models)
    if (entry.task == kEncoderTask) names += (names.empty() ? "" : ", ") + entry.id;
  return names;
}

}  // namespace

void add_detector_options(CLI::App& command, DetectorOptions& options) {
  command.add_option("--min-face", options.min_face, "Smallest face that is looked for, in pixels")
      ->type_name("PIXELS")
      ->check(CLI::Range(8, 100'000).description(""))
      ->capture_default_str();
  command
      .add_option("--min-score", options.min_score,
                  "Faces below this confidence are dropped; lower it to find harder faces")
      ->type_name("SCORE")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str();
}

void add_encoder_options(CLI::App& command, EncoderChoice& choice) {
  command
      .add_option("--model", choice.model,
                  "Face encoder: " + face_encoders(builtin_manifest()) +
                      ", one that was added, or the folder of one that was trained here")
      ->type_name("ID|RUN")
      ->each([&choice](const std::string&) { choice.model_given = true; })
      ->capture_default_str();
  command.add_flag("--no-flip", choice.no_flip,
                   "Do not average with the mirror image: twice as fast, a little less accurate");
  command.add_flag("--bf16", choice.bf16, "Compute in bfloat16");
}

std::string open_face_encoder(ModelStore& store, const std::string& model,
                              const std::string& option) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(model, ignored);
  for (const ModelEntry& entry : store.manifest().models)
    if (entry.id == model && entry.task == kEncoderTask) return model;
  if (folder) {
    const std::string id = store.open(model);
    if (store.manifest().find(id).task == kEncoderTask) return id;
  }
  throw Error(ErrorCode::invalid_argument,
              option + " " + model + ": not a face encoder; use " +
                  face_encoders(store.manifest()) +
                  ", or the folder of a model that 'likeness train siamese' made");
}

std::vector<std::string> missing_weights(const ModelStore& store, const std::string& model) {
  std::vector<std::string> missing;
  for (const ModelEntry& entry : store.manifest().models) {
    const bool needed = entry.task != kEncoderTask || entry.id == model;
    if (needed && store.status(entry.id).state != ModelState::present) missing.push_back(entry.id);
  }
  return missing;
}

void fetch_missing_weights(const ModelStore& store, const std::string& model,
                           CommandContext& context) {
  const std::vector<std::string> missing = missing_weights(store, model);
  if (!missing.empty()) store.pull(missing, context.progress());
}

}  // namespace likeness::cli
