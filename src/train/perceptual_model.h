#pragma once

#include <likeness/train/perceptual_training.h>

#include "train/perceptual_pictures.h"

namespace likeness {

/// What a student's manifest entry says, but for its file. `result`: of the run so far.
ModelEntry describe_student(const PerceptualTrainingOptions& options,
                            const PerceptualResult& result, const PerceptualPictures& pictures,
                            const std::vector<std::int64_t>& widths);

}  // namespace likeness
