// Any text is calibrations that can be used and that their own text gives back, or
// Error(corrupt_file).

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <likeness/core/error.h>
#include <likeness/faces/calibration.h>

#include "support/fuzz_check.h"

namespace likeness {
namespace {

void check_use(const Calibration& calibration) {
  for (const float distance : {0.0F, 0.5F, 1.0F, 4.0F}) {
    const double probability = calibration.probability(distance);
    LIKENESS_FUZZ_CHECK(probability >= 0 && probability <= 1);
    const double fmr = calibration.fmr_at(distance);
    LIKENESS_FUZZ_CHECK(fmr > 0 && fmr <= 1);
  }
  for (const OperatingPoint& point : calibration.points) {
    if (point.fmr >= 1) continue;
    const float threshold = calibration.threshold_at(point.fmr);
    LIKENESS_FUZZ_CHECK(threshold >= 0 && threshold <= 4);
  }
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    const auto calibrations =
        parse_calibrations({reinterpret_cast<const char*>(data), size}, "fuzz");
    for (const Calibration& calibration : calibrations) check_use(calibration);
    const std::string text = to_json(calibrations);
    LIKENESS_FUZZ_CHECK(to_json(parse_calibrations(text, "again")) == text);
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
