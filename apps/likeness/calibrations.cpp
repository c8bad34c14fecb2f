#include "calibrations.h"

#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>

namespace likeness::cli {

std::optional<std::filesystem::path> calibration_beside(const ModelStore& store,
                                                        const std::string& model) {
  const std::filesystem::path& weights = store.manifest().find(model).file;
  if (weights.empty()) return std::nullopt;
  return weights.parent_path() / "calibration.json";
}

std::vector<Calibration> read_calibrations(const std::filesystem::path& path) {
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const Bytes bytes = read_file(path, kMaxBytes);
  return parse_calibrations(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path.string());
}

std::optional<Calibration> find_calibration(const ModelStore& store, const std::string& model) {
  if (const auto path = calibration_beside(store, model))
    for (Calibration& calibration : read_calibrations(*path))
      if (calibration.model == model) return std::move(calibration);
  return find_builtin_calibration(model);
}

PairClassifier read_classifier_for(const ModelStore& store, const std::string& model,
                                   const std::string& path) {
  PairClassifier classifier = read_pair_classifier(path);
  classifier.require_encoder(model, weights_fingerprint(store.manifest(), model), path);
  return classifier;
}

Compare compare_by_distance(const ModelStore& store, const std::string& model,
                            const VerifierOptions& options) {
  std::optional<Calibration> calibration = find_calibration(store, model);
  if (!calibration && !options.threshold)
    throw Error(ErrorCode::invalid_argument,
                "model '" + model +
                    "' is not calibrated, so that nobody knows which distance means one person; "
                    "give --threshold, or measure it with 'likeness calibrate'");
  return [verifier = Verifier(std::move(calibration), options)](
             const Encoding& a, const Encoding& b) { return verifier.compare(a, b); };
}

}  // namespace likeness::cli
