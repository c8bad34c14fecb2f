#pragma once

#include <string>

#include <likeness/train/trainer.h>

namespace likeness {

/// With all digits that tell it from its neighbours.
std::string exact_text(double value);

/// Throws Error(invalid_argument) for options that cannot be used, named as the command line does.
void check_trainer_options(const TrainerOptions& options);

}  // namespace likeness
