#pragma once

#include <string>

#include "train/perceptual_log.h"

namespace likeness {

/// The part of a run's report (train/run_report.h) that comes out of its log: curves and tables.
std::string perceptual_sections(const PerceptualHistory& history);

}  // namespace likeness
