#pragma once

#include <likeness/model/manifest.h>
#include <likeness/train/painter_training.h>

#include "train/painter_trainer.h"

namespace likeness {

/// What is said of a painter in its model.json and card.
ModelEntry describe_painter(const PainterTrainingOptions& options, const PainterResult& result,
                            const PainterPictures& pictures);

}  // namespace likeness
