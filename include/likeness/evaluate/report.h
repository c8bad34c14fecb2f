#pragma once

/// The report of a verification run: figures as JSON, the ROC as SVG, and a page that shows both
/// with the pictures of the pairs that were decided wrongly. Safe to call from many threads.
///
///     const VerificationReport report = make_report("duo", list, encoded);
///     write_report("report", report, [&](const std::string& picture) { return read_image(…); });

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/evaluate/verification.h>
#include <likeness/image/image.h>

namespace likeness {

struct VerificationReport {
  std::string model;
  std::vector<PicturePair> pairs;
  std::vector<ScoredPair> scored;  ///< the same pairs, compared
  VerificationMeasures measures;
  std::vector<std::string> pictures_without_face;
};

/// A rate at which TAR is reported, with its name in JSON.
struct ReportedRate {
  const char* name;
  double far;
};
inline constexpr ReportedRate kReportedRates[] = {{"1e-2", 1e-2}, {"1e-3", 1e-3}};

/// Compares and measures the pairs of `list`. Throws as measure_verification does.
VerificationReport make_report(const std::string& model, const PairList& list,
                               const EncodedPictures& encoded);

/// The figures as one JSON object: pairs, accuracy_mean, accuracy_std (shares), tar (by FAR), eer,
/// auc, no_face (pairs); further thresholds, folds and failures, the worst first.
std::string to_json(const VerificationReport& report);

/// A picture of the ROC, FMR on a logarithmic axis, that is readable on light and dark pages.
std::string roc_svg(const VerificationMeasures& measures);

/// What is shown of a picture: a small copy of the photo, or the face cut out.
using PictureSource = std::function<Image(const std::string& picture)>;

/// A self-contained page (no script, nothing loaded from elsewhere). At most 200 failures are
/// shown with pictures.
std::string to_html(const VerificationReport& report, const PictureSource& picture);

/// Makes the folder if needed. Throws Error(write_failed) now if write_report could not write there
/// later, so that a long evaluation does not end in vain.
void prepare_report_folder(const std::filesystem::path& folder);

/// Writes report.json, roc.svg and index.html to `folder`. Throws Error(write_failed).
void write_report(const std::filesystem::path& folder, const VerificationReport& report,
                  const PictureSource& picture);

}  // namespace likeness
