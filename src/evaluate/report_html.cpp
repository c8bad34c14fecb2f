#include <algorithm>
#include <cstddef>

#include <likeness/evaluate/report.h>
#include <likeness/image/codec.h>
#include <likeness/image/transform.h>

#include "evaluate/text.h"

namespace likeness {
namespace {

constexpr std::size_t kMostShown = 200;

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Verification report</title>
<style>
:root { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d0d7de; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) {
:root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --card: #151b23; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper);
       color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 1rem 0.3rem 0; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
p.soft, td.soft, figcaption { color: var(--soft); }
svg { max-width: 100%; height: auto; }
.failures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
figure { background: var(--card); border: 1px solid var(--line); border-radius: 6px; margin: 0;
         padding: 0.8rem; }
figure .pictures { display: flex; gap: 0.5rem; }
figure img { border-radius: 4px; height: 7.5rem; }
figcaption { font-size: 0.85rem; margin-top: 0.5rem; overflow-wrap: anywhere; }
figcaption strong { color: var(--ink); }
</style>
</head>
<body>
)";

std::string row(const std::string& name, const std::string& value, const std::string& meaning) {
  return "<tr><th scope=\"row\">" + escaped(name) + "</th><td class=\"number\">" + escaped(value) +
         "</td><td class=\"soft\">" + escaped(meaning) + "</td></tr>\n";
}

std::string figures(const VerificationMeasures& measures) {
  std::string html = "<table>\n";
  html += row("Accuracy",
              percent(measures.accuracy_mean, 2) + " ± " + fixed(100 * measures.accuracy_std, 2),
              "mean and standard deviation of " + std::to_string(measures.folds.size()) +
                  " folds, each with the threshold that is best on the others");
  for (const ReportedRate& rate : kReportedRates)
    html +=
        row("TAR at FAR " + std::string(rate.name), percent(measures.roc.at_far(rate.far).tar, 2),
            "1 − FNMR at FMR " + std::string(rate.name) + ": pairs of one person accepted");
  html += row("Equal error rate", percent(measures.eer, 2), "where FMR and FNMR are equal");
  html += row("Area under the ROC", fixed(measures.auc, 5),
              "chance that a pair of one person is closer than a pair of strangers");
  html += row("Pairs", std::to_string(measures.pairs()),
              std::to_string(measures.genuine) + " of one person, " +
                  std::to_string(measures.impostor) + " of different people");
  html += row("Without a face", std::to_string(measures.no_face),
              "pairs; wrong in the accuracy, rejected in the rates");
  return html + "</table>\n";
}

std::string folds_table(const VerificationMeasures& measures) {
  std::string html =
      "<table>\n<tr><th>Fold</th><th>Accuracy</th><th>Threshold</th><th>Wrong</th></tr>\n";
  for (std::size_t i = 0; i < measures.folds.size(); ++i) {
    const FoldMeasure& fold = measures.folds[i];
    html += "<tr><td class=\"number\">" + std::to_string(i + 1) + "</td><td class=\"number\">" +
            percent(fold.accuracy(), 2) + "</td><td class=\"number\">" + fixed(fold.threshold, 3) +
            "</td><td class=\"number\">" + std::to_string(fold.pairs - fold.right) + " of " +
            std::to_string(fold.pairs) + "</td></tr>\n";
  }
  return html + "</table>\n";
}

std::string embedded_picture(const std::string& name, const PictureSource& source) {
  constexpr int kMaxSide = 160;
  constexpr int kQuality = 85;
  const Bytes jpeg =
      encode_image(resize_to_fit(source(name), kMaxSide), ImageFormat::jpeg, kQuality);
  return "<img alt=\"" + escaped(name) + "\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">";
}

std::string verdict(const ScoredPair& pair, float threshold) {
  if (!pair.distance) return "No face found";
  const std::string comparison =
      ": distance " + fixed(*pair.distance, 3) + ", threshold " + fixed(threshold, 3);
  return (pair.same_person ? "One person, rejected" : "Different people, accepted") + comparison;
}

std::string failure_card(const VerificationReport& report, const VerificationFailure& failure,
                         const PictureSource& source) {
  const PicturePair& pair = report.pairs[failure.pair];
  return "<figure><div class=\"pictures\">" + embedded_picture(pair.first, source) +
         embedded_picture(pair.second, source) + "</div>\n<figcaption><strong>" +
         verdict(report.scored[failure.pair], failure.threshold) + "</strong><br>" +
         escaped(pair.first) + "<br>" + escaped(pair.second) + "<br>fold " +
         std::to_string(pair.fold + 1) + "</figcaption></figure>\n";
}

std::string failures_section(const VerificationReport& report, const PictureSource& source) {
  const auto& failures = report.measures.failures;
  std::string html = "<h2>" + std::to_string(failures.size()) + " pairs decided wrongly</h2>\n";
  if (failures.empty()) return html;
  const std::size_t shown = std::min(failures.size(), kMostShown);
  html += "<p class=\"soft\">The worst first";
  if (shown < failures.size())
    html += "; the first " + std::to_string(shown) + " are shown, report.json lists all";
  html += ".</p>\n<div class=\"failures\">\n";
  for (std::size_t i = 0; i < shown; ++i) html += failure_card(report, failures[i], source);
  return html + "</div>\n";
}

}  // namespace

std::string to_html(const VerificationReport& report, const PictureSource& picture) {
  std::string html = kHead;
  html += "<h1>Verification with " + escaped(report.model) + "</h1>\n";
  html += figures(report.measures);
  html += "<h2>Errors at every threshold</h2>\n" + roc_svg(report.measures);
  html +=
      "<p class=\"soft\">FMR, the false-match rate, is the share of pairs of different people that "
      "are accepted (FAR); FNMR the share of pairs of one person that are rejected (1 − "
      "TAR).</p>\n";
  html += failures_section(report, picture);
  html += "<h2>Folds</h2>\n" + folds_table(report.measures);
  return html + "</body>\n</html>\n";
}

}  // namespace likeness
