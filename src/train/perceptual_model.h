#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <likeness/train/perceptual_training.h>

#include "train/perceptual_pictures.h"

namespace likeness {

/// "32,64,128,256"
std::string widths_text(const std::vector<std::int64_t>& widths);

/// What a student's manifest entry says, but for its file. `result`: of the run so far.
ModelEntry describe_student(const PerceptualTrainingOptions& options,
                            const PerceptualResult& result, const PerceptualPictures& pictures);

}  // namespace likeness
