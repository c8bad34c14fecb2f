#pragma once

/// What the lesson of a painter's encoder writes to its log, and back.

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/train/painter_training.h>

namespace likeness {

struct EncoderStep {
  std::int64_t step = 0;                            ///< counted from 1
  std::array<double, kEncoderTargets> missed = {};  ///< as in EncoderMeasures, of the batch
  double learning_rate = 0;
  double seconds = 0;
};

std::string to_json(const EncoderStep& step);
std::string to_json(const EncoderMeasures& measures);
/// Throws Error(corrupt_file) for anything else.
EncoderMeasures parse_encoder_measures(const std::string& json);

/// "explains 0.80, 0.63 and 0.60 of the variance of relu2_1, relu3_1 and relu4_1, 0.99 of the
/// pixels'"
std::string to_text(const EncoderMeasures& measures);

struct EncoderHistory {
  std::vector<EncoderStep> steps;
  std::vector<EncoderMeasures> validations;
};

/// Throws as for_each_log_line does.
EncoderHistory read_encoder_log(const std::filesystem::path& path);

}  // namespace likeness
