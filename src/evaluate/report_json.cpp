#include <cstddef>

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

Json to_json(const Rate& rate) {
  return {{"rate", rate.trials > 0 ? Json(rate.share()) : Json()},
          {"interval", {rate.low, rate.high}},
          {"events", rate.events},
          {"comparisons", rate.trials}};
}

Json to_json(const std::string& name, const ErrorRates& rates) {
  return {{"at", name},
          {"threshold", rates.threshold},
          {"fmr", to_json(rates.fmr)},
          {"fnmr", to_json(rates.fnmr)}};
}

Json list_errors(const std::vector<NamedErrors>& errors) {
  Json result = Json::array();
  for (const NamedErrors& one : errors) result.push_back(to_json(one.name, one.rates));
  return result;
}

Json list_groups(const ComparisonReport& report) {
  Json result = Json::array();
  for (const GroupMeasures& group : report.groups) {
    Json rates = Json::array();
    for (std::size_t k = 0; k < group.rates.size(); ++k)
      rates.push_back(to_json(report.errors[k].name, group.rates[k]));
    result.push_back(
        {{"group", group.group}, {"no_face", group.without_face}, {"error_rates", rates}});
  }
  return result;
}

Json list_bins(const Reliability& reliability) {
  Json result = Json::array();
  for (const ReliabilityBin& bin : reliability.bins)
    result.push_back({{"low", bin.low},
                      {"high", bin.high},
                      {"pairs", bin.pairs},
                      {"probability", bin.pairs > 0 ? Json(bin.probability) : Json()},
                      {"share", bin.pairs > 0 ? Json(bin.share) : Json()}});
  return result;
}

Json to_json(const ProbabilityReport& report) {
  return {{"ece", report.all.ece},           {"mce", report.all.mce},
          {"brier", report.all.brier},       {"log_loss", report.all.log_loss},
          {"accuracy", report.all.accuracy}, {"bins", list_bins(report.all)}};
}

Json list_folds(const ComparisonReport& report) {
  Json result = Json::array();
  for (std::size_t i = 0; i < report.measures.folds.size(); ++i) {
    const FoldMeasure& fold = report.measures.folds[i];
    Json entry = {
        {"accuracy", fold.accuracy()}, {"threshold", fold.threshold}, {"pairs", fold.pairs}};
    if (report.probability && !report.probability->folds[i].bins.empty())
      entry["ece"] = report.probability->folds[i].ece;
    result.push_back(entry);
  }
  return result;
}

Json list_failures(const VerificationReport& report) {
  Json result = Json::array();
  for (const VerificationFailure& failure : report.distance.measures.failures) {
    const PicturePair& pair = report.pairs[failure.pair];
    const auto& distance = report.distance.scored[failure.pair].distance;
    result.push_back({{"first", pair.first},
                      {"second", pair.second},
                      {"same_person", pair.same_person},
                      {"distance", distance ? Json(*distance) : Json()},
                      {"threshold", failure.threshold},
                      {"fold", pair.fold + 1}});
  }
  return result;
}

/// The figures that the distance and a classifier have alike.
Json common_figures(const ComparisonReport& report) {
  const VerificationMeasures& measures = report.measures;
  Json json = {{"accuracy_mean", measures.accuracy_mean},
               {"accuracy_std", measures.accuracy_std},
               {"tar", tar_at_reported_rates(measures.roc)},
               {"eer", measures.eer},
               {"auc", measures.auc},
               {"thresholds", thresholds_at_reported_rates(measures.roc)},
               {"error_rates", list_errors(report.errors)},
               {"folds", list_folds(report)}};
  if (report.probability) json["probability"] = to_json(*report.probability);
  if (!report.groups.empty()) json["groups"] = list_groups(report);
  return json;
}

}  // namespace

std::string to_json(const VerificationReport& report) {
  const VerificationMeasures& measures = report.distance.measures;
  Json json = {{"model", report.model},
               {"pairs", measures.pairs()},
               {"genuine", measures.genuine},
               {"impostor", measures.impostor},
               {"no_face", measures.no_face},
               {"failure_to_acquire",
                static_cast<double>(measures.no_face) / static_cast<double>(measures.pairs())}};
  json.update(common_figures(report.distance));
  if (report.classifier) {
    Json classifier = {{"file", report.classifier_name}, {"form", report.classifier_form}};
    const PairedDifference difference =
        paired_difference(report.classifier->measures.folds, report.distance.measures.folds);
    classifier["accuracy_difference"] = {{"mean", difference.mean},
                                         {"standard_error", difference.standard_error}};
    classifier.update(common_figures(*report.classifier));
    json["classifier"] = classifier;
  }
  json["failures"] = list_failures(report);
  json["pictures_without_face"] = report.pictures_without_face;
  json["guessed_pictures"] = report.guessed_pictures;
  // Names from a list may hold bytes that are not UTF-8; they must not stop the report.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace likeness
