#pragma once

/// What the mining experiment says: a Markdown table for people, and curves.

#include <string>
#include <vector>

#include "mining_experiment.h"

namespace likeness::bench {

std::string to_table(const std::vector<MiningRun>& runs,
                     const std::vector<StrategyMeasures>& measures);

/// Over the steps, means of all seeds, for random, semi-hard and batch-hard: the share of the
/// chosen triplets that cost something, and TAR at FAR 1e-2 on people who were not learned from.
std::string active_svg(const std::vector<MiningRun>& runs);
std::string validation_svg(const std::vector<MiningRun>& runs);

}  // namespace likeness::bench
