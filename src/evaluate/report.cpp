#include <system_error>

#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/evaluate/report.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::ordered_json;

Json tar_at_reported_rates(const Roc& roc) {
  Json result = Json::object();
  for (const ReportedRate& rate : kReportedRates) result[rate.name] = roc.at_far(rate.far).tar;
  return result;
}

Json thresholds_at_reported_rates(const Roc& roc) {
  Json result = Json::object();
  for (const ReportedRate& rate : kReportedRates)
    result[rate.name] = roc.at_far(rate.far).threshold;
  return result;
}

Json list_folds(const VerificationMeasures& measures) {
  Json result = Json::array();
  for (const FoldMeasure& fold : measures.folds)
    result.push_back(
        {{"accuracy", fold.accuracy()}, {"threshold", fold.threshold}, {"pairs", fold.pairs}});
  return result;
}

Json list_failures(const VerificationReport& report) {
  Json result = Json::array();
  for (const VerificationFailure& failure : report.measures.failures) {
    const PicturePair& pair = report.pairs[failure.pair];
    const auto& distance = report.scored[failure.pair].distance;
    result.push_back({{"first", pair.first},
                      {"second", pair.second},
                      {"same_person", pair.same_person},
                      {"distance", distance ? Json(*distance) : Json()},
                      {"threshold", failure.threshold},
                      {"fold", pair.fold + 1}});
  }
  return result;
}

}  // namespace

VerificationReport make_report(const std::string& model, const PairList& list,
                               const EncodedPictures& encoded) {
  VerificationReport report;
  report.model = model;
  report.pairs = list.pairs;
  report.scored = score_pairs(list, encoded);
  report.measures = measure_verification(report.scored);
  for (const std::string& picture : pictures_of({list}))
    if (!encoded.at(picture)) report.pictures_without_face.push_back(picture);
  return report;
}

std::string to_json(const VerificationReport& report) {
  const VerificationMeasures& measures = report.measures;
  const Json json = {{"model", report.model},
                     {"pairs", measures.pairs()},
                     {"genuine", measures.genuine},
                     {"impostor", measures.impostor},
                     {"no_face", measures.no_face},
                     {"accuracy_mean", measures.accuracy_mean},
                     {"accuracy_std", measures.accuracy_std},
                     {"tar", tar_at_reported_rates(measures.roc)},
                     {"eer", measures.eer},
                     {"auc", measures.auc},
                     {"thresholds", thresholds_at_reported_rates(measures.roc)},
                     {"folds", list_folds(measures)},
                     {"failures", list_failures(report)},
                     {"pictures_without_face", report.pictures_without_face}};
  // Names from a list may hold bytes that are not UTF-8; they must not stop the report.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
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
  write_file(folder / "roc.svg", roc_svg(report.measures));
  write_file(folder / "index.html", to_html(report, picture));
}

}  // namespace likeness
