#pragma once

/// What the mining experiment says: a Markdown table for people.

#include <string>
#include <vector>

#include "mining_experiment.h"

namespace likeness::bench {

std::string to_table(const std::vector<MiningRun>& runs,
                     const std::vector<StrategyMeasures>& measures);

}  // namespace likeness::bench
