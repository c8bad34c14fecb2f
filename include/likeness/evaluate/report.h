#pragma once

/// The report of a verification run: figures as JSON, curves as SVG, and a page that shows both
/// with the pictures of the pairs that were decided wrongly. Safe to call from many threads.
///
///     const VerificationReport report = make_report("duo", list, encoded);
///     write_report("report", report, [&](const std::string& picture) { return read_image(…); });

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/groups.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/evaluate/reliability.h>
#include <likeness/evaluate/verification.h>
#include <likeness/faces/calibration.h>
#include <likeness/faces/pair_classifier.h>
#include <likeness/image/image.h>

namespace likeness {

/// How true the probabilities are that a distance or a pair classifier gives. Pairs without a face
/// get none; classes count alike, as the probabilities presume.
struct ProbabilityReport {
  Reliability all;
  std::vector<Reliability> folds;
};

/// A threshold at which error rates are told, with its name: "FMR 1e-3".
struct NamedErrors {
  std::string name;
  ErrorRates rates;
};

/// What was measured of one way to compare: the plain distance, or a pair classifier.
struct ComparisonReport {
  std::vector<ScoredPair> scored;  ///< the pairs of the list, compared
  VerificationMeasures measures;
  std::vector<NamedErrors> errors;
  std::vector<GroupMeasures> groups;  ///< with the thresholds of `errors`
  std::optional<ProbabilityReport> probability;
};

struct VerificationReport {
  std::string model;
  std::vector<PicturePair> pairs;
  ComparisonReport distance;
  std::string classifier_name;  ///< empty without a classifier
  std::string classifier_form;
  /// Its "distances" are −ln of the probability that the bare unit gives, so that they are not
  /// negative; their order is that of the unit.
  std::optional<ComparisonReport> classifier;
  std::vector<std::string> pictures_without_face;
  std::vector<std::string> guessed_pictures;  ///< encoded without one (evaluate/face_place.h)
};

/// What else is measured; what is null is left out.
struct ReportOptions {
  const Calibration* calibration = nullptr;    ///< the model's, for its probabilities
  const PairClassifier* classifier = nullptr;  ///< must be one for the model's encodings
  std::string classifier_name = {};
  const Groups* groups = nullptr;
};

/// A rate at which TAR is reported, with its name in JSON.
struct ReportedRate {
  const char* name;
  double far;
};
inline constexpr ReportedRate kReportedRates[] = {{"1e-2", 1e-2}, {"1e-3", 1e-3}};

/// Compares and measures the pairs of `list`. Throws as measure_verification and measure_groups do.
VerificationReport make_report(const std::string& model, const PairList& list,
                               const EncodedPictures& encoded, const ReportOptions& options = {});

/// The figures as one JSON object: pairs, accuracy_mean, accuracy_std (shares), tar (by FAR), eer,
/// auc, no_face (pairs); further thresholds, error_rates (FMR and FNMR of completed comparisons),
/// folds and failures, the worst first; probability, classifier and groups when they were measured.
std::string to_json(const VerificationReport& report);

/// A picture of the ROC, FMR on a logarithmic axis, that is readable on light and dark pages; with
/// the curve of a pair classifier beside that of the distance unless it is null.
std::string roc_svg(const VerificationMeasures& measures,
                    const VerificationMeasures* classifier = nullptr);

/// The reliability diagram of what has probabilities; empty when nothing has.
std::string reliability_svg(const VerificationReport& report);

/// What is shown of a picture: a small copy of the photo, or the face cut out.
using PictureSource = std::function<Image(const std::string& picture)>;

/// A self-contained page (no script, nothing loaded from elsewhere). At most 200 failures are
/// shown with pictures.
std::string to_html(const VerificationReport& report, const PictureSource& picture);

/// Makes the folder if needed. Throws Error(write_failed) now if write_report could not write there
/// later, so that a long evaluation does not end in vain.
void prepare_report_folder(const std::filesystem::path& folder);

/// Writes report.json, roc.svg, reliability.svg (with probabilities) and index.html to `folder`.
/// Throws Error(write_failed).
void write_report(const std::filesystem::path& folder, const VerificationReport& report,
                  const PictureSource& picture);

}  // namespace likeness
