#include <algorithm>
#include <cstddef>
#include <vector>

#include <likeness/evaluate/identification_report.h>
#include <likeness/evaluate/page.h>
#include <likeness/evaluate/text.h>

namespace likeness {
namespace {

constexpr std::size_t kMostShown = 30;  // of each kind of confusion

std::string figures(const IdentificationMeasures& measures) {
  std::vector<std::vector<std::string>> rows = {
      {"Rank-1 identification rate (closed set)", percent(measures.cmc.front(), 2)}};
  for (const std::size_t rank : {5UL, 10UL})
    if (measures.cmc.size() >= rank)
      rows.push_back({"Rank " + std::to_string(rank), percent(measures.cmc[rank - 1], 2)});
  for (const ReportedRate& rate : kReportedFpirs) {
    std::string value = "too few strangers";
    if (supports_fpir(measures, rate.far)) {
      const OpenSetPoint& point = measures.at_fpir(rate.far);
      value = percent(point.fnir, 2) + ", distance up to " + fixed(point.threshold, 3);
    }
    rows.push_back({std::string("FNIR at FPIR ") + rate.name + " (open set)", value});
  }
  rows.push_back({"People enrolled with one picture", std::to_string(measures.enrolled)});
  rows.push_back({"People who could not be enrolled", std::to_string(measures.not_enrolled)});
  rows.push_back({"Probes of enrolled people", std::to_string(measures.mated.size())});
  rows.push_back({"Probes of strangers", std::to_string(measures.strangers.size())});
  rows.push_back({"Probes without a face", std::to_string(measures.without_face)});
  if (measures.guessed > 0)
    rows.push_back({"Pictures encoded from where the others have their faces",
                    std::to_string(measures.guessed)});
  return number_table({"", ""}, rows);
}

std::string card(const std::string& title, const std::vector<std::string>& pictures,
                 const std::string& caption, const PictureSource& source) {
  std::string html = "<figure><div class=\"pictures\">";
  for (const std::string& picture : pictures) html += embedded_picture(picture, source);
  return html + "</div>\n<figcaption><strong>" + escaped(title) + "</strong><br>" +
         escaped(caption) + "</figcaption></figure>\n";
}

/// Probes whose mate is not the closest entry, the worst rank first.
std::string confused(const IdentificationMeasures& measures, const PictureSource& source) {
  std::vector<MatedProbe> probes;
  for (const MatedProbe& probe : measures.mated)
    if (probe.rank > 1) probes.push_back(probe);
  std::stable_sort(probes.begin(), probes.end(),
                   [](const MatedProbe& a, const MatedProbe& b) { return a.rank > b.rank; });
  std::string html = "<h2>" + std::to_string(probes.size()) +
                     " probes taken for somebody else</h2>\n<p class=\"soft\">Probe, the person's "
                     "enrolled picture, the closest one.</p>\n<div class=\"failures\">\n";
  for (std::size_t i = 0; i < std::min(probes.size(), kMostShown); ++i)
    html += card("Rank " + std::to_string(probes[i].rank) + ": mate at " +
                     fixed(probes[i].mate_distance, 3) + ", closest at " +
                     fixed(probes[i].nearest_distance, 3),
                 {probes[i].picture, probes[i].mate, probes[i].nearest},
                 probes[i].picture + ", " + probes[i].nearest, source);
  return html + "</div>\n";
}

/// Strangers who lie closest to somebody.
std::string strangers(const IdentificationMeasures& measures, const PictureSource& source) {
  std::vector<StrangerProbe> probes;
  for (const StrangerProbe& probe : measures.strangers)
    if (probe.distance) probes.push_back(probe);
  std::stable_sort(probes.begin(), probes.end(),
                   [](const auto& a, const auto& b) { return *a.distance < *b.distance; });
  std::string html =
      "<h2>Strangers who are taken for somebody first</h2>\n<p class=\"soft\">The first of them "
      "set "
      "the threshold for a low FPIR; wrong labels show here.</p>\n<div class=\"failures\">\n";
  for (std::size_t i = 0; i < std::min(probes.size(), kMostShown); ++i)
    html +=
        card("Distance " + fixed(*probes[i].distance, 3), {probes[i].picture, probes[i].nearest},
             probes[i].picture + ", " + probes[i].nearest, source);
  return html + "</div>\n";
}

}  // namespace

std::string to_html(const std::string& model, const IdentificationMeasures& measures,
                    const PictureSource& picture) {
  std::string html = page_start("Identification with " + model);
  html += figures(measures);
  html += "<h2>Closed set: is it the right person?</h2>\n" + cmc_svg(measures);
  if (measures.strangers.empty()) return html + confused(measures, picture) + page_end();
  html += "<h2>Open set: is it anybody we know?</h2>\n" + det_svg(measures);
  html +=
      "<p class=\"soft\">FPIR, the false-positive identification rate, is the share of strangers "
      "who are taken for somebody; FNIR, the false-negative identification rate, the share of "
      "probes of enrolled people whose own entry is not the closest one within the threshold "
      "(ISO/IEC 19795-1).</p>\n";
  return html + confused(measures, picture) + strangers(measures, picture) + page_end();
}

}  // namespace likeness
