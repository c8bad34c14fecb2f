#include <algorithm>
#include <cstddef>

#include <likeness/evaluate/page.h>
#include <likeness/evaluate/report.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

constexpr std::size_t kMostShown = 200;

using Row = std::vector<std::string>;

/// A row of the table of figures: for the distance, for the classifier where there is one.
template <class Value>
Row figure(const VerificationReport& report, const std::string& name, const Value& value) {
  Row row = {name, value(report.distance)};
  if (report.classifier) row.push_back(value(*report.classifier));
  return row;
}

void add_probability_rows(const VerificationReport& report, std::vector<Row>& rows) {
  const auto add = [&](const std::string& name, const auto& value) {
    rows.push_back(figure(report, name, [&](const ComparisonReport& one) {
      return one.probability ? value(one.probability->all) : std::string("–");
    }));
  };
  add("Accuracy at probability 0.5",
      [](const Reliability& one) { return percent(one.accuracy, 2); });
  add("Calibration error (ECE, 15 bins)", [](const Reliability& one) { return fixed(one.ece, 4); });
  add("Log loss", [](const Reliability& one) { return fixed(one.log_loss, 4); });
  add("Brier score", [](const Reliability& one) { return fixed(one.brier, 5); });
}

std::string figures(const VerificationReport& report) {
  std::vector<Row> rows;
  rows.push_back(figure(report, "Accuracy, mean ± standard deviation of the folds",
                        [](const ComparisonReport& one) {
                          return percent(one.measures.accuracy_mean, 2) + " ± " +
                                 fixed(100 * one.measures.accuracy_std, 2);
                        }));
  for (const ReportedRate& rate : kReportedRates)
    rows.push_back(
        figure(report, std::string("TAR at FAR ") + rate.name, [&](const ComparisonReport& one) {
          return percent(one.measures.roc.at_far(rate.far).tar, 2);
        }));
  rows.push_back(figure(report, "Equal error rate",
                        [](const ComparisonReport& one) { return percent(one.measures.eer, 2); }));
  rows.push_back(figure(report, "Area under the ROC",
                        [](const ComparisonReport& one) { return fixed(one.measures.auc, 5); }));
  if (report.distance.probability || report.classifier) add_probability_rows(report, rows);
  Row names = {"", "distance"};
  if (report.classifier) names.push_back("pair classifier, " + report.classifier_form);
  return number_table(names, rows);
}

std::string counts(const VerificationReport& report) {
  const VerificationMeasures& measures = report.distance.measures;
  const std::string guessed =
      report.guessed_pictures.empty()
          ? std::string()
          : " " + std::to_string(report.guessed_pictures.size()) +
                " pictures without one were encoded from where the others have theirs.";
  return "<p class=\"soft\">" + std::to_string(measures.pairs()) +
         " pairs: " + std::to_string(measures.genuine) + " of one person, " +
         std::to_string(measures.impostor) + " of different people. In " +
         std::to_string(measures.no_face) +
         " a picture gave no face (failure to acquire): wrong in the accuracy, rejected in TAR and "
         "FAR, no comparison in FMR and FNMR." +
         guessed + "</p>\n";
}

std::string with_interval(const Rate& rate) {
  if (rate.trials == 0) return "no pairs";
  return percent(rate.share(), 2) + " (" + fixed(100 * rate.low, 2) + " to " +
         fixed(100 * rate.high, 2) + ")";
}

Row error_row(const std::string& name, const ErrorRates& rates) {
  return {name,
          fixed(rates.threshold, 4),
          with_interval(rates.fmr),
          std::to_string(rates.fmr.trials),
          with_interval(rates.fnmr),
          std::to_string(rates.fnmr.trials)};
}

std::string error_table(const std::string& title, const ComparisonReport& report) {
  std::vector<Row> rows;
  for (std::size_t k = 0; k < report.errors.size(); ++k) {
    rows.push_back(error_row("all, at " + report.errors[k].name, report.errors[k].rates));
    for (const GroupMeasures& group : report.groups)
      rows.push_back(error_row(group.group, group.rates[k]));
  }
  return "<h3>" + escaped(title) + "</h3>\n" +
         number_table(
             {"Pairs", "Threshold", "FMR, 95 % interval", "of", "FNMR, 95 % interval", "of"}, rows);
}

std::string errors_section(const VerificationReport& report) {
  std::string html = "<h2>Error rates" +
                     std::string(report.distance.groups.empty() ? "" : " of groups") + "</h2>\n";
  html +=
      "<p class=\"soft\">FMR, the false-match rate, is the share of comparisons of different "
      "people "
      "that are accepted; FNMR, the false non-match rate, the share of comparisons of one person "
      "that are rejected (ISO/IEC 19795-1). Every group is judged at the same thresholds.</p>\n";
  html += error_table("Distance", report.distance);
  if (report.classifier) html += error_table("Pair classifier", *report.classifier);
  return html;
}

std::string folds_section(const VerificationReport& report) {
  Row names = {"Fold", "Accuracy", "Threshold", "Wrong"};
  if (report.distance.probability) names.emplace_back("ECE");
  if (report.classifier)
    names.insert(names.end(), {"Classifier: accuracy", "Difference", "Wrong", "ECE"});
  std::vector<Row> rows;
  for (std::size_t i = 0; i < report.distance.measures.folds.size(); ++i) {
    const FoldMeasure& fold = report.distance.measures.folds[i];
    Row row = {std::to_string(i + 1), percent(fold.accuracy(), 2), fixed(fold.threshold, 3),
               std::to_string(fold.pairs - fold.right) + " of " + std::to_string(fold.pairs)};
    if (report.distance.probability)
      row.push_back(fixed(report.distance.probability->folds[i].ece, 4));
    if (report.classifier) {
      const FoldMeasure& other = report.classifier->measures.folds[i];
      row.push_back(percent(other.accuracy(), 2));
      row.push_back(fixed(100 * (other.accuracy() - fold.accuracy()), 2));
      row.push_back(std::to_string(other.pairs - other.right));
      row.push_back(report.classifier->probability
                        ? fixed(report.classifier->probability->folds[i].ece, 4)
                        : "–");
    }
    rows.push_back(row);
  }
  return "<h2>Folds</h2>\n" + number_table(names, rows);
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
         verdict(report.distance.scored[failure.pair], failure.threshold) + "</strong><br>" +
         escaped(pair.first) + "<br>" + escaped(pair.second) + "<br>fold " +
         std::to_string(pair.fold + 1) + "</figcaption></figure>\n";
}

std::string failures_section(const VerificationReport& report, const PictureSource& source) {
  const auto& failures = report.distance.measures.failures;
  std::string html = "<h2>" + std::to_string(failures.size()) + " pairs decided wrongly</h2>\n";
  if (failures.empty()) return html;
  const std::size_t shown = std::min(failures.size(), kMostShown);
  html += "<p class=\"soft\">By the distance, the worst first";
  if (shown < failures.size())
    html += "; the first " + std::to_string(shown) + " are shown, report.json lists all";
  html += ".</p>\n<div class=\"failures\">\n";
  for (std::size_t i = 0; i < shown; ++i) html += failure_card(report, failures[i], source);
  return html + "</div>\n";
}

}  // namespace

std::string to_html(const VerificationReport& report, const PictureSource& picture) {
  std::string html = page_start("Verification with " + report.model);
  html += figures(report) + counts(report);
  html +=
      "<h2>Errors at every threshold</h2>\n" +
      roc_svg(report.distance.measures, report.classifier ? &report.classifier->measures : nullptr);
  if (const std::string svg = reliability_svg(report); !svg.empty())
    html += "<h2>Are the probabilities true?</h2>\n" + svg;
  html += errors_section(report);
  html += failures_section(report, picture);
  return html + folds_section(report) + page_end();
}

}  // namespace likeness
