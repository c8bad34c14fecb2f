#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <likeness/core/files.h>
#include <likeness/evaluate/identification_report.h>
#include <likeness/evaluate/plot.h>
#include <likeness/evaluate/text.h>
#include <nlohmann/json.hpp>

namespace likeness {
namespace {

using Json = nlohmann::ordered_json;

/// A power of ten at or below what one probe in `count` is.
int finest_decade(std::size_t count) {
  return -std::clamp(static_cast<int>(std::ceil(std::log10(static_cast<double>(count)))), 1, 9);
}

Json fnir_at_reported_rates(const IdentificationMeasures& measures) {
  Json result = Json::object();
  for (const ReportedRate& rate : kReportedFpirs) {
    result[rate.name] = nullptr;
    if (!supports_fpir(measures, rate.far)) continue;
    const OpenSetPoint& point = measures.at_fpir(rate.far);
    result[rate.name] = {
        {"fnir", point.fnir}, {"fpir", point.fpir}, {"threshold", point.threshold}};
  }
  return result;
}

/// At most this many points, so that the file stays small; the others lie between them.
Json thinned_curve(const std::vector<OpenSetPoint>& curve) {
  constexpr std::size_t kMost = 500;
  Json result = Json::array();
  const std::size_t step = std::max<std::size_t>(1, curve.size() / kMost);
  for (std::size_t i = 0; i < curve.size(); i += step)
    result.push_back({curve[i].threshold, curve[i].fpir, curve[i].fnir});
  return result;
}

}  // namespace

bool supports_fpir(const IdentificationMeasures& measures, double fpir) {
  return fpir * static_cast<double>(measures.strangers.size()) >= 1;
}

std::string to_json(const std::string& model, const IdentificationMeasures& measures) {
  const Json json = {{"model", model},
                     {"enrolled", measures.enrolled},
                     {"not_enrolled", measures.not_enrolled},
                     {"mated_probes", measures.mated.size()},
                     {"non_mated_probes", measures.strangers.size()},
                     {"no_face", measures.without_face},
                     {"guessed", measures.guessed},
                     {"rank_1", measures.cmc.front()},
                     {"cmc", measures.cmc},
                     {"fnir", fnir_at_reported_rates(measures)},
                     {"curve", thinned_curve(measures.curve)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string cmc_svg(const IdentificationMeasures& measures) {
  const double lowest = std::min(measures.cmc.front(), 0.95);
  const double step = lowest < 0.5 ? 0.2 : lowest < 0.75 ? 0.1 : lowest < 0.9 ? 0.05 : 0.01;
  const double floor = std::floor(lowest / step + 1e-9) * step;
  const auto last = static_cast<double>(std::max<std::size_t>(measures.cmc.size(), 2));
  Plot plot("CMC: true-positive identification rate over rank",
            {.title = "rank R",
             .first = 1,
             .last = last,
             .ticks = even_ticks(1, last, std::max(1.0, std::round(last / 10)), 0)},
            {.title = "TPIR: mate among the R closest",
             .first = floor,
             .last = 1,
             .ticks = even_ticks(floor, 1, step, 2)});
  std::vector<PlotPoint> points;
  for (std::size_t k = 0; k < measures.cmc.size(); ++k)
    points.push_back({static_cast<double>(k + 1), measures.cmc[k]});
  plot.add_line(points, PlotKind::first);
  plot.add_dot(points.front(), PlotKind::second);
  plot.add_label(points.front(), 10, 18, percent(points.front().y, 2) + " at rank 1");
  plot.add_note(std::to_string(measures.enrolled) + " people enrolled");
  return plot.svg();
}

std::string det_svg(const IdentificationMeasures& measures) {
  const int across = finest_decade(measures.strangers.size());
  const int up = finest_decade(measures.mated.size());
  Plot plot("DET: false-negative over false-positive identification rate",
            {.title = "false-positive identification rate, FPIR",
             .first = std::pow(10.0, across),
             .last = 1,
             .logarithmic = true,
             .ticks = decade_ticks(across, 0)},
            {.title = "false-negative identification rate, FNIR",
             .first = std::pow(10.0, up),
             .last = 1,
             .logarithmic = true,
             .ticks = decade_ticks(up, 0)});
  std::vector<PlotPoint> points;
  for (const OpenSetPoint& point : measures.curve) points.push_back({point.fpir, point.fnir});
  plot.add_staircase(points, PlotKind::first);
  for (const ReportedRate& rate : kReportedFpirs) {
    if (!supports_fpir(measures, rate.far)) continue;
    const PlotPoint point{rate.far, measures.at_fpir(rate.far).fnir};
    plot.add_dot(point, PlotKind::second);
    plot.add_label(point, 8, -8, percent(point.y, 2) + " at FPIR " + rate.name);
  }
  return plot.svg();
}

void write_report(const std::filesystem::path& folder, const std::string& model,
                  const IdentificationMeasures& measures, const PictureSource& picture) {
  prepare_report_folder(folder);
  write_file(folder / "report.json", to_json(model, measures));
  write_file(folder / "cmc.svg", cmc_svg(measures));
  if (!measures.strangers.empty()) write_file(folder / "det.svg", det_svg(measures));
  write_file(folder / "index.html", to_html(model, measures, picture));
}

}  // namespace likeness
