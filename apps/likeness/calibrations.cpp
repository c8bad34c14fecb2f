#include "calibrations.h"

#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness::cli {

namespace {

std::vector<Calibration> parse_file(const std::filesystem::path& path) {
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  const Bytes bytes = read_file(path, kMaxBytes);
  return parse_calibrations(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path.string());
}

/// That of `model` in a file that was asked for.
template <class Fits>
Calibration read_calibration_for(const std::string& model, const std::string& file,
                                 const Fits& fits) {
  std::string known;
  for (Calibration& calibration : parse_file(file)) {
    known += (known.empty() ? "" : ", ") + calibration.model;
    if (calibration.model != model) continue;
    if (fits(calibration)) return std::move(calibration);
    throw Error(ErrorCode::invalid_argument, "--calibration " + file +
                                                 ": was measured with other weights of " + model +
                                                 "; measure it again with 'likeness calibrate'");
  }
  throw Error(ErrorCode::invalid_argument, "--calibration " + file + ": has none for " + model +
                                               ", only for " + known + "; choose with --model");
}

}  // namespace

std::optional<std::filesystem::path> calibration_beside(const ModelStore& store,
                                                        const std::string& model) {
  const std::filesystem::path& weights = store.manifest().find(model).file;
  if (weights.empty()) return std::nullopt;
  return weights.parent_path() / "calibration.json";
}

std::vector<Calibration> read_calibrations(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  return parse_file(path);
}

CLI::Option* add_calibration_option(CLI::App& command, std::string& file) {
  return command
      .add_option("--calibration", file,
                  "What distances mean, as 'likeness calibrate -o FILE.json' measured it on other "
                  "photos (default: the model's own)")
      ->type_name("FILE.json");
}

std::optional<Calibration> find_calibration(const ModelStore& store, const std::string& model,
                                            const std::string& file, CommandContext& context) {
  const std::string weights = weights_fingerprint(store.manifest(), model);
  const auto fits = [&](const Calibration& calibration) {
    return calibration.fingerprint.empty() || calibration.fingerprint == weights;
  };
  if (!file.empty()) return read_calibration_for(model, file, fits);
  if (const auto path = calibration_beside(store, model))
    for (Calibration& calibration : read_calibrations(*path)) {
      if (calibration.fingerprint == weights) calibration.model = model;  // added by another name
      if (calibration.model != model) continue;
      if (fits(calibration)) return std::move(calibration);
      context.warn(path->string() + " was measured with other weights of " + model +
                   " and is passed over; measure it again with 'likeness calibrate'");
    }
  return find_builtin_calibration(model);
}

EncoderWithClassifier open_encoder(ModelStore& store, const EncoderChoice& choice,
                                   const std::string& classifier_file) {
  if (classifier_file.empty()) return {open_face_encoder(store, choice.model)};
  PairClassifier classifier = read_pair_classifier(classifier_file);
  const std::string model =
      open_face_encoder(store, choice.model_given ? choice.model : classifier.model);
  classifier.require_encoder(model, weights_fingerprint(store.manifest(), model), classifier_file);
  return {model, std::move(classifier)};
}

Compare compare_by_distance(const std::string& model, std::optional<Calibration> calibration,
                            const VerifierOptions& options) {
  if (!calibration && !options.threshold)
    throw Error(ErrorCode::invalid_argument,
                "model '" + model +
                    "' is not calibrated, so that nobody knows which distance means one person; "
                    "give --threshold, or measure it with 'likeness calibrate'");
  return [verifier = Verifier(std::move(calibration), options)](
             const Encoding& a, const Encoding& b) { return verifier.compare(a, b); };
}

}  // namespace likeness::cli
