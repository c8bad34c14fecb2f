#include <algorithm>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/face_place.h>
#include <likeness/evaluate/report.h>

namespace likeness {
namespace {

/// The largest threshold that keeps the share of accepted pairs of two people up to each reported
/// rate, completed comparisons alone, and what it does to both kinds of pairs.
std::vector<NamedErrors> errors_at_rates(const std::vector<ScoredPair>& scored) {
  std::vector<ScoredPair> completed;
  for (const ScoredPair& pair : scored)
    if (pair.distance) completed.push_back(pair);
  std::vector<NamedErrors> errors;
  const auto genuine = std::count_if(completed.begin(), completed.end(),
                                     [](const ScoredPair& pair) { return pair.same_person; });
  if (genuine == 0 || genuine == static_cast<std::ptrdiff_t>(completed.size())) return errors;
  ScoreSet scores;
  for (const ScoredPair& pair : completed)
    (pair.same_person ? scores.genuine : scores.impostor).push_back(*pair.distance);
  const Roc roc = roc_curve(std::move(scores));
  for (const ReportedRate& rate : kReportedRates)
    errors.push_back({std::string("FMR ") + rate.name,
                      measure_errors(completed, roc.at_far(rate.far).threshold)});
  return errors;
}

/// Measures the pairs that have a probability, all and fold by fold.
std::optional<ProbabilityReport> judge(const std::vector<ScoredPair>& scored,
                                       const std::vector<std::optional<double>>& probabilities,
                                       std::size_t folds) {
  std::vector<JudgedPair> all;
  std::vector<std::vector<JudgedPair>> by_fold(folds);
  for (std::size_t i = 0; i < scored.size(); ++i) {
    if (!probabilities[i]) continue;
    all.push_back({*probabilities[i], scored[i].same_person});
    by_fold[static_cast<std::size_t>(scored[i].fold)].push_back(all.back());
  }
  const auto has_both = [](const std::vector<JudgedPair>& pairs) {
    const auto genuine = std::count_if(pairs.begin(), pairs.end(),
                                       [](const JudgedPair& pair) { return pair.same_person; });
    return genuine > 0 && genuine < static_cast<std::ptrdiff_t>(pairs.size());
  };
  if (!has_both(all)) return std::nullopt;
  ProbabilityReport report{measure_reliability(all, Balance::classes), {}};
  for (const std::vector<JudgedPair>& fold : by_fold)
    report.folds.push_back(has_both(fold) ? measure_reliability(fold, Balance::classes)
                                          : Reliability{});
  return report;
}

ComparisonReport measure(const PairList& list, std::vector<ScoredPair> scored,
                         const Groups* groups) {
  ComparisonReport report;
  report.measures = measure_verification(scored);
  report.errors = errors_at_rates(scored);
  std::vector<float> thresholds;
  for (const NamedErrors& errors : report.errors) thresholds.push_back(errors.rates.threshold);
  if (groups != nullptr) report.groups = measure_groups(list.pairs, scored, *groups, thresholds);
  report.scored = std::move(scored);
  return report;
}

/// −ln σ(−x): a distance that is not negative, in the same order.
float softplus(double x) {
  return static_cast<float>(std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))));
}

ComparisonReport measure_classifier(const PairClassifier& classifier, const PairList& list,
                                    const EncodedPictures& encoded, const Groups* groups) {
  std::vector<ScoredPair> scored;
  std::vector<std::optional<double>> probabilities;
  for (const PicturePair& pair : list.pairs) {
    const auto& first = encoded.at(pair.first);
    const auto& second = encoded.at(pair.second);
    scored.push_back({pair.same_person, pair.fold, std::nullopt});
    probabilities.emplace_back();
    if (!first || !second) continue;
    const double x = classifier.dissimilarity(first->encoding, second->encoding);
    scored.back().distance = softplus(x);
    probabilities.back() = classifier.probability_of(x);
  }
  ComparisonReport report = measure(list, std::move(scored), groups);
  report.probability = judge(report.scored, probabilities, report.measures.folds.size());
  return report;
}

}  // namespace

VerificationReport make_report(const std::string& model, const PairList& list,
                               const EncodedPictures& encoded, const ReportOptions& options) {
  VerificationReport report;
  report.model = model;
  report.pairs = list.pairs;
  report.distance = measure(list, score_pairs(list, encoded), options.groups);
  if (options.calibration != nullptr) {
    std::vector<std::optional<double>> probabilities;
    for (const ScoredPair& pair : report.distance.scored)
      probabilities.push_back(pair.distance
                                  ? std::optional(options.calibration->probability(*pair.distance))
                                  : std::nullopt);
    report.distance.probability =
        judge(report.distance.scored, probabilities, report.distance.measures.folds.size());
  }
  if (options.classifier != nullptr) {
    report.classifier_name = options.classifier_name;
    report.classifier_form = to_string(options.classifier->form);
    report.classifier = measure_classifier(*options.classifier, list, encoded, options.groups);
  }
  for (const std::string& picture : pictures_of({list})) {
    const auto& found = encoded.at(picture);
    if (!found) report.pictures_without_face.push_back(picture);
    if (found && is_guessed(*found)) report.guessed_pictures.push_back(picture);
  }
  return report;
}

std::string reliability_svg(const VerificationReport& report) {
  std::vector<NamedReliability> named;
  if (report.distance.probability) named.push_back({"distance", report.distance.probability->all});
  if (report.classifier && report.classifier->probability)
    named.push_back({"pair classifier", report.classifier->probability->all});
  return named.empty() ? std::string() : reliability_svg(named);
}

void prepare_report_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::write_failed,
                folder.string() + ": the folder of the report cannot be made: " + error.message());
  check_writable(folder / "index.html");
}

void write_report(const std::filesystem::path& folder, const VerificationReport& report,
                  const PictureSource& picture) {
  prepare_report_folder(folder);
  write_file(folder / "report.json", to_json(report));
  write_file(folder / "roc.svg",
             roc_svg(report.distance.measures,
                     report.classifier ? &report.classifier->measures : nullptr));
  if (const std::string svg = reliability_svg(report); !svg.empty())
    write_file(folder / "reliability.svg", svg);
  write_file(folder / "index.html", to_html(report, picture));
}

}  // namespace likeness
