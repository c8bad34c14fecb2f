#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/model/safetensors.h>

namespace likeness {
namespace {

constexpr const char* kKind = "likeness pair classifier 1";
constexpr std::int64_t kMostInputs = 100'000;
constexpr std::int64_t kMostKnots = 10'000;

at::Tensor row_of(const std::vector<double>& values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
  return tensor;
}

/// Rows of two.
at::Tensor to_rows(const std::vector<double>& values) {
  return row_of(values).view({-1, 2});
}

/// Reads such a file and trusts nothing in it.
class Reader {
 public:
  Reader(const TensorFile& file, std::string name) : file_(file), name_(std::move(name)) {}

  PairClassifier read() const {
    if (text("kind") != kKind) fail("is no pair classifier");
    PairClassifier result;
    result.model = text("model");
    result.fingerprint = text("model_weights");
    if (result.model.empty()) fail("names no model");
    read_form(result);
    const std::vector<double> weights = numbers("weights", at::kFloat, {-1}, kMostInputs);
    result.weights.assign(weights.begin(), weights.end());
    if (result.form == PairForm::chi_squared && weights.size() % 2 != 0)
      fail("the χ² form has two weights for each dimension, not " + std::to_string(weights.size()));
    const std::vector<double> unit = numbers("unit", at::kDouble, {2}, 2);
    result.distance_weight = unit[0];
    result.offset = unit[1];
    read_probability(result);
    read_points(result);
    result.command = text("command");
    result.data = text("data");
    result.quality = text("quality");
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::corrupt_file, name_ + ": " + what);
  }

  std::string text(const std::string& key) const {
    const auto found = file_.metadata.find(key);
    return found == file_.metadata.end() ? std::string() : found->second;
  }

  void read_form(PairClassifier& result) const {
    try {
      result.form = parse_pair_form(text("form"));
    } catch (const Error& error) {
      fail("form " + in_quotes(text("form")) + " is not known");
    }
  }

  /// The finite numbers of a tensor; a size of −1 stands for 1 to `most`.
  std::vector<double> numbers(const std::string& key, at::ScalarType type,
                              const std::vector<std::int64_t>& sizes, std::int64_t most) const {
    const auto found = file_.tensors.find(key);
    if (found == file_.tensors.end()) fail("tensor \"" + key + "\" is missing");
    const at::Tensor& tensor = found->second;
    bool fits = tensor.scalar_type() == type &&
                tensor.dim() == static_cast<std::int64_t>(sizes.size()) && tensor.numel() > 0;
    for (std::size_t k = 0; fits && k < sizes.size(); ++k) {
      const std::int64_t size = tensor.size(static_cast<std::int64_t>(k));
      fits = sizes[k] == -1 ? size <= most : size == sizes[k];
    }
    if (!fits) fail("tensor \"" + key + "\" has another type or shape than expected");
    const at::Tensor values = tensor.to(at::kDouble).contiguous();
    const auto* data = values.data_ptr<double>();
    std::vector<double> result(data, data + values.numel());
    for (const double value : result)
      if (!std::isfinite(value)) fail("tensor \"" + key + "\" holds a number that is not finite");
    return result;
  }

  void read_probability(PairClassifier& result) const {
    const std::vector<double> logistic = numbers("probability", at::kDouble, {2}, 2);
    result.slope = logistic[0];
    result.shift = logistic[1];
    if (!(result.slope > 0)) fail("the probability does not fall with the dissimilarity");
    if (!file_.tensors.contains("curve")) return;
    const std::vector<double> curve = numbers("curve", at::kDouble, {-1, 2}, kMostKnots);
    for (std::size_t i = 0; i < curve.size(); i += 2) {
      const ProbabilityKnot knot{curve[i], curve[i + 1]};
      if (!(knot.probability >= 0 && knot.probability <= 1))
        fail("a probability of the curve lies outside of 0 to 1");
      if (!result.curve.empty() && (knot.at <= result.curve.knots.back().at ||
                                    knot.probability > result.curve.knots.back().probability))
        fail("the curve of probabilities does not fall");
      result.curve.knots.push_back(knot);
    }
  }

  void read_points(PairClassifier& result) const {
    const std::vector<double> points = numbers("points", at::kDouble, {-1, 2}, kMostKnots);
    for (std::size_t i = 0; i < points.size(); i += 2) {
      const OperatingPoint point{points[i], static_cast<float>(points[i + 1])};
      if (!(point.fmr > 0 && point.fmr <= 1)) fail("a false-match rate lies outside of 0 to 1");
      if (!result.points.empty() && (point.fmr <= result.points.back().fmr ||
                                     point.threshold <= result.points.back().threshold))
        fail("the false-match rates do not rise");
      result.points.push_back(point);
    }
  }

  const TensorFile& file_;
  std::string name_;
};

}  // namespace

void write_pair_classifier(const std::filesystem::path& path, const PairClassifier& classifier) {
  TensorFile file;
  at::Tensor weights =
      at::empty({static_cast<std::int64_t>(classifier.weights.size())}, at::kFloat);
  std::copy(classifier.weights.begin(), classifier.weights.end(), weights.data_ptr<float>());
  file.tensors["weights"] = weights;
  file.tensors["unit"] = row_of({classifier.distance_weight, classifier.offset});
  file.tensors["probability"] = row_of({classifier.slope, classifier.shift});
  std::vector<double> curve;
  for (const ProbabilityKnot& knot : classifier.curve.knots)
    curve.insert(curve.end(), {knot.at, knot.probability});
  if (!curve.empty()) file.tensors["curve"] = to_rows(curve);
  std::vector<double> points;
  for (const OperatingPoint& point : classifier.points)
    points.insert(points.end(), {point.fmr, point.threshold});
  file.tensors["points"] = to_rows(points);
  file.metadata = {{"kind", kKind},
                   {"model", classifier.model},
                   {"model_weights", classifier.fingerprint},
                   {"form", std::string(to_string(classifier.form))},
                   {"command", classifier.command},
                   {"data", classifier.data},
                   {"quality", classifier.quality}};
  write_safetensors(path, file);
}

PairClassifier read_pair_classifier(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  return Reader(file, path.string()).read();
}

}  // namespace likeness
