#include <string>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/faces/calibration.h>

#include "embedded/calibration_json.h"

namespace likeness {

Calibration builtin_calibration(std::string_view model) {
  static const std::vector<Calibration> kCalibrations =
      parse_calibrations(embedded::calibration_json(), "models/calibration.json");
  std::string known;
  for (const Calibration& calibration : kCalibrations) {
    if (calibration.model == model) return calibration;
    known += (known.empty() ? "" : ", ") + calibration.model;
  }
  throw Error(ErrorCode::not_found,
              "model '" + std::string(model) + "' has no calibration; calibrated: " +
                  (known.empty() ? "none" : known) + " (likeness calibrate makes one)");
}

}  // namespace likeness
