#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>

#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/faces/calibration.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxModels = 1000;
constexpr std::size_t kMaxPoints = 10'000;
constexpr double kMaxDistance = 4;  // of two points on the unit sphere, squared

/// One place in the file, for errors.
struct Place {
  const std::string& file;
  std::string entry;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, file + ": " + entry + what);
  }
};

const Json& field(const Json& object, const char* key, const Place& place) {
  const auto found = object.find(key);
  if (found == object.end()) place.fail(std::string("field \"") + key + "\" is missing");
  return *found;
}

double number(const Json& value, double low, double high, const std::string& what,
              const Place& place) {
  if (!value.is_number()) place.fail(what + " must be a number");
  const double result = value.get<double>();
  if (!(result >= low && result <= high))
    place.fail(what + " is " + value.dump() + ", expected " + Json(low).dump() + " to " +
               Json(high).dump());
  return result;
}

double number_field(const Json& object, const char* key, double low, double high,
                    const Place& place) {
  return number(field(object, key, place), low, high, std::string("\"") + key + "\"", place);
}

std::int64_t count_field(const Json& object, const char* key, const Place& place) {
  const Json& value = field(object, key, place);
  if (!value.is_number_integer()) place.fail(std::string("\"") + key + "\" must be a whole number");
  return static_cast<std::int64_t>(number_field(object, key, 1, 1e15, place));
}

std::vector<OperatingPoint> parse_points(const Json& list, const Place& place) {
  if (!list.is_array() || list.empty() || list.size() > kMaxPoints)
    place.fail("\"points\" must be a list of 1 to " + std::to_string(kMaxPoints) + " points");
  std::vector<OperatingPoint> points;
  for (const Json& item : list) {
    const std::string what = "point " + std::to_string(points.size());
    if (!item.is_array() || item.size() != 2) place.fail(what + " must be [fmr, threshold]");
    const OperatingPoint point{
        number(item[0], std::numeric_limits<double>::min(), 1, what + ": fmr", place),
        static_cast<float>(number(item[1], 0, kMaxDistance, what + ": threshold", place))};
    if (!points.empty() &&
        (point.fmr <= points.back().fmr || point.threshold <= points.back().threshold))
      place.fail(what + " does not rise above the one before it");
    points.push_back(point);
  }
  return points;
}

/// The list `key` of an object, empty when it is not there.
const Json& optional_list(const Json& object, const char* key, std::size_t longest,
                          const Place& place) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  if (found == object.end()) return kNone;
  if (!found->is_array() || found->empty() || found->size() > longest)
    place.fail(std::string("\"") + key + "\" must be a list of 1 to " + std::to_string(longest) +
               " entries");
  return *found;
}

ProbabilityCurve parse_curve(const Json& list, const Place& place) {
  ProbabilityCurve curve;
  for (const Json& item : list) {
    const std::string what = "knot " + std::to_string(curve.knots.size());
    if (!item.is_array() || item.size() != 2) place.fail(what + " must be [distance, probability]");
    const ProbabilityKnot knot{number(item[0], 0, kMaxDistance, what + ": distance", place),
                               number(item[1], 0, 1, what + ": probability", place)};
    if (!curve.empty() && knot.at <= curve.knots.back().at)
      place.fail(what + ": its distance does not rise above the one before it");
    if (!curve.empty() && knot.probability > curve.knots.back().probability)
      place.fail(what + ": its probability rises above the one before it");
    curve.knots.push_back(knot);
  }
  return curve;
}

MeasuredThreshold parse_threshold(const Json& item, const Place& place) {
  if (!item.is_object()) place.fail("must be an object");
  const auto distance = [&](const char* key) {
    return static_cast<float>(number_field(item, key, 0, kMaxDistance, place));
  };
  MeasuredThreshold result;
  result.fmr = number_field(item, "fmr", std::numeric_limits<double>::min(), 1, place);
  result.threshold = distance("threshold");
  result.threshold_low = distance("threshold_low");
  result.threshold_high = distance("threshold_high");
  result.fnmr = number_field(item, "fnmr", 0, 1, place);
  result.fnmr_low = number_field(item, "fnmr_low", 0, 1, place);
  result.fnmr_high = number_field(item, "fnmr_high", 0, 1, place);
  if (result.threshold_low > result.threshold_high || result.fnmr_low > result.fnmr_high)
    place.fail("an interval ends before it begins");
  return result;
}

void parse_thresholds(const Json& item, const Place& place, Calibration& result) {
  const Json& list = optional_list(item, "thresholds", kMaxPoints, place);
  for (const Json& threshold : list) {
    const Place at{place.file,
                   place.entry + "threshold " + std::to_string(result.thresholds.size()) + ": "};
    result.thresholds.push_back(parse_threshold(threshold, at));
  }
  if (!list.empty()) result.confidence = number_field(item, "confidence", 0, 1, place);
}

Calibration parse_calibration(const Json& item, const std::string& file, std::size_t index) {
  constexpr double kLargest = 1e6;  // of a slope or offset; a fit gives tens
  Place place{file, "entry " + std::to_string(index) + ": "};
  if (!item.is_object()) place.fail("must be an object");
  const Json& model = field(item, "model", place);
  if (!model.is_string() || model.get_ref<const std::string&>().empty())
    place.fail("\"model\" must be a name");

  Calibration result;
  result.model = model.get<std::string>();
  place.entry = in_quotes(result.model) + ": ";
  result.genuine_pairs = count_field(item, "genuine_pairs", place);
  result.impostor_pairs = count_field(item, "impostor_pairs", place);
  result.default_threshold =
      static_cast<float>(number_field(item, "default_threshold", 0, kMaxDistance, place));
  result.slope = number_field(item, "slope", std::numeric_limits<double>::min(), kLargest, place);
  result.offset = number_field(item, "offset", -kLargest, kLargest, place);
  result.points = parse_points(field(item, "points", place), place);
  result.curve = parse_curve(optional_list(item, "curve", kMaxPoints, place), place);
  parse_thresholds(item, place, result);
  if (const auto weights = item.find("weights"); weights != item.end()) {
    if (!weights->is_string()) place.fail("\"weights\" must be a text");
    result.fingerprint = weights->get<std::string>();
  }
  return result;
}

/// Stops at the first nesting that no calibration has, before it takes memory.
Json parse(std::string_view json, const Place& place) {
  constexpr int kMaxDepth = 8;  // the list, an entry, its points, a point; and fields of others
  const auto watch = [&place](int depth, Json::parse_event_t event, const Json&) {
    const bool opens =
        event == Json::parse_event_t::array_start || event == Json::parse_event_t::object_start;
    if (opens && depth >= kMaxDepth)
      place.fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    return true;
  };
  Json list = Json::parse(json, watch, /*allow_exceptions=*/false);
  if (list.is_discarded()) place.fail("is not JSON");
  return list;
}

/// The shortest text that reads back as the same number.
template <class Number>
std::string shortest(Number value) {
  LIKENESS_CHECK(std::isfinite(value));
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), value);
  LIKENESS_CHECK(error == std::errc());
  return {text.begin(), end};
}

/// ,\n    "key": [\n      entry,\n      entry\n    ]
std::string list_text(const char* key, const std::vector<std::string>& entries) {
  std::string text = std::string(",\n    \"") + key + "\": [";
  const char* separator = "\n      ";
  for (const std::string& entry : entries) {
    text += separator + entry;
    separator = ",\n      ";
  }
  return text + "\n    ]";
}

std::string curve_text(const ProbabilityCurve& curve) {
  std::vector<std::string> entries;
  for (const ProbabilityKnot& knot : curve.knots)
    entries.push_back("[" + shortest(knot.at) + ", " + shortest(knot.probability) + "]");
  return list_text("curve", entries);
}

std::string thresholds_text(const Calibration& calibration) {
  std::vector<std::string> entries;
  for (const MeasuredThreshold& measured : calibration.thresholds)
    entries.push_back("{\"fmr\": " + shortest(measured.fmr) +
                      ", \"threshold\": " + shortest(measured.threshold) +
                      ", \"threshold_low\": " + shortest(measured.threshold_low) +
                      ", \"threshold_high\": " + shortest(measured.threshold_high) +
                      ", \"fnmr\": " + shortest(measured.fnmr) +
                      ", \"fnmr_low\": " + shortest(measured.fnmr_low) +
                      ", \"fnmr_high\": " + shortest(measured.fnmr_high) + "}");
  return ",\n    \"confidence\": " + shortest(calibration.confidence) +
         list_text("thresholds", entries);
}

std::string to_json(const Calibration& calibration) {
  std::string text = "  {\n    \"model\": " + Json(calibration.model).dump();
  if (!calibration.fingerprint.empty())
    text += ",\n    \"weights\": " + Json(calibration.fingerprint).dump();
  text += ",\n    \"genuine_pairs\": " + std::to_string(calibration.genuine_pairs);
  text += ",\n    \"impostor_pairs\": " + std::to_string(calibration.impostor_pairs);
  text += ",\n    \"default_threshold\": " + shortest(calibration.default_threshold);
  text += ",\n    \"slope\": " + shortest(calibration.slope);
  text += ",\n    \"offset\": " + shortest(calibration.offset);
  std::vector<std::string> points;
  for (const OperatingPoint& point : calibration.points)
    points.push_back("[" + shortest(point.fmr) + ", " + shortest(point.threshold) + "]");
  text += list_text("points", points);
  if (!calibration.curve.empty()) text += curve_text(calibration.curve);
  if (!calibration.thresholds.empty()) text += thresholds_text(calibration);
  return text + "\n  }";
}

}  // namespace

std::vector<Calibration> parse_calibrations(std::string_view json, const std::string& name) {
  const Place place{name, ""};
  if (json.size() > kMaxBytes)
    place.fail("is " + std::to_string(json.size()) + " bytes long, expected at most " +
               std::to_string(kMaxBytes));
  const Json list = parse(json, place);
  if (!list.is_array() || list.size() > kMaxModels)
    place.fail("must be a list of at most " + std::to_string(kMaxModels) + " calibrations");

  std::vector<Calibration> result;
  std::set<std::string> models;
  for (const Json& item : list) {
    result.push_back(parse_calibration(item, name, result.size()));
    if (!models.insert(result.back().model).second)
      place.fail("model " + in_quotes(result.back().model) + " appears twice");
  }
  return result;
}

std::string to_json(const std::vector<Calibration>& calibrations) {
  std::string text = "[";
  const char* separator = "\n";
  for (const Calibration& calibration : calibrations) {
    text += separator + to_json(calibration);
    separator = ",\n";
  }
  return text + (calibrations.empty() ? "]\n" : "\n]\n");
}

}  // namespace likeness
