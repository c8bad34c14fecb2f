#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/faces/calibration.h>

#include "embedded/calibration_json.h"

namespace likeness {
namespace {

const std::vector<Calibration>& builtin_calibrations() {
  static const std::vector<Calibration> kCalibrations =
      parse_calibrations(embedded::calibration_json(), "models/calibration.json");
  return kCalibrations;
}

}  // namespace

std::optional<Calibration> find_builtin_calibration(std::string_view model) {
  for (const Calibration& calibration : builtin_calibrations())
    if (calibration.model == model) return calibration;
  return std::nullopt;
}

Calibration builtin_calibration(std::string_view model) {
  if (auto calibration = find_builtin_calibration(model)) return *std::move(calibration);
  std::string known;
  for (const Calibration& calibration : builtin_calibrations())
    known += (known.empty() ? "" : ", ") + calibration.model;
  throw Error(ErrorCode::not_found,
              "model '" + std::string(model) + "' has no calibration; calibrated: " +
                  (known.empty() ? "none" : known) + " (likeness calibrate makes one)");
}

}  // namespace likeness
