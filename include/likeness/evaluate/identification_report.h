#pragma once

/// The report of an identification run: figures as JSON, CMC and DET curves as SVG, and a page with
/// both and the pictures of the worst confusions. Safe to call from many threads.
///
///     write_report("report", "duo", measures, [&](const std::string& picture) { … });

#include <filesystem>
#include <string>

#include <likeness/evaluate/identification.h>
#include <likeness/evaluate/report.h>

namespace likeness {

/// Rates of strangers taken for somebody at which FNIR is reported, with their names in JSON.
inline constexpr ReportedRate kReportedFpirs[] = {{"1e-2", 1e-2}, {"1e-3", 1e-3}};

/// One JSON object: model, enrolled, mated_probes, non_mated_probes, no_face, guessed, rank_1, cmc,
/// fnir (by FPIR: rate and threshold; null where the strangers are too few for the rate), curve.
std::string to_json(const std::string& model, const IdentificationMeasures& measures);

/// Cumulative match characteristic: TPIR over rank.
std::string cmc_svg(const IdentificationMeasures& measures);
/// Detection error trade-off: FNIR over FPIR, both logarithmic. Requires strangers.
std::string det_svg(const IdentificationMeasures& measures);

/// True when there are strangers enough for FPIR to take a value up to `fpir` other than 0.
bool supports_fpir(const IdentificationMeasures& measures, double fpir);

/// A self-contained page.
std::string to_html(const std::string& model, const IdentificationMeasures& measures,
                    const PictureSource& picture);

/// Writes report.json, cmc.svg, det.svg (with strangers) and index.html. Throws
/// Error(write_failed).
void write_report(const std::filesystem::path& folder, const std::string& model,
                  const IdentificationMeasures& measures, const PictureSource& picture);

}  // namespace likeness
