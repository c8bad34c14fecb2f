#pragma once

/// What the distillation of a perceptual network writes to its log, and back.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/train/log_file.h>
#include <likeness/train/perceptual_training.h>

namespace likeness {

/// One step. The losses are those of perceptual_losses.h before they are weighted.
struct PerceptualStep {
  std::int64_t step = 0;  ///< counted from 1
  double loss = 0;        ///< weighted sum
  double features = 0;
  double grams = 0;
  double gradients = 0;
  double differences = 0;
  double length = 0;  ///< of the weights' gradient before it is clipped
  double learning_rate = 0;
  double seconds = 0;
};

std::string to_json(const PerceptualStep& step);
std::string to_json(const PerceptualMeasures& measures);
/// Throws Error(corrupt_file) for anything else.
PerceptualMeasures parse_perceptual_measures(const std::string& json);

struct PerceptualHistory {
  std::vector<PerceptualStep> steps;
  std::vector<PerceptualMeasures> validations;
};

/// True when the log's first line is one of these. Throws as for_each_log_line does.
bool is_perceptual_log(const std::filesystem::path& path);

/// Throws as for_each_log_line does.
PerceptualHistory read_perceptual_log(const std::filesystem::path& path);

}  // namespace likeness
