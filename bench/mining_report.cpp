#include "mining_report.h"

#include <cmath>

#include "evaluate/text.h"

namespace likeness::bench {
namespace {

std::string with_deviation(const MeanAndDeviation& value) {
  return fixed(100 * value.mean, 1) + " ± " + fixed(100 * value.deviation, 1);
}

std::string gain_of(const StrategyMeasures& one, std::size_t seeds) {
  if (one.strategy == "random") return "";
  return (one.gain.mean >= 0 ? "+" : "−") +
         with_deviation({std::abs(one.gain.mean), one.gain.deviation}) + ", " +
         std::to_string(one.better) + " of " + std::to_string(seeds);
}

}  // namespace

std::string to_table(const std::vector<MiningRun>& runs,
                     const std::vector<StrategyMeasures>& measures) {
  if (runs.empty()) return {};
  const MiningRun& first = runs.front();
  const std::size_t seeds = runs.size() / measures.size();
  std::string text = std::to_string(first.steps) + " steps on " + std::to_string(first.faces) +
                     " faces of " + std::to_string(first.identities) + " people, validation on " +
                     std::to_string(first.validation_faces) + " of " +
                     std::to_string(first.validation_identities) + " others, " +
                     std::to_string(seeds) + " seeds (mean ± standard deviation):\n\n";
  text +=
      "| mining | TAR at FAR 1e-2, % | above random, points; seeds | TAR at FAR 1e-3, % | EER, % | "
      "active, first tenth | active, last tenth | of all triplets, last tenth |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const StrategyMeasures& one : measures)
    text += "| `" + one.strategy + "` | " + with_deviation(one.tar_1e2) + " | " +
            gain_of(one, seeds) + " | " + with_deviation(one.tar_1e3) + " | " +
            with_deviation(one.eer) + " | " + percent(one.early_active, 1) + " | " +
            percent(one.late_active, 1) + " | " + percent(one.late_of_all, 1) + " |\n";
  return text;
}

}  // namespace likeness::bench
