#pragma once

/// What the training of a painter writes to its log, and back.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/train/log_file.h>
#include <likeness/train/painter_training.h>

namespace likeness {

/// One step. The losses are those of painter_losses.h before they are weighted.
struct PainterStep {
  std::int64_t step = 0;  ///< counted from 1
  double loss = 0;        ///< weighted sum
  double content = 0;
  double style = 0;
  double statistics = 0;
  double identity = 0;
  double coherence = 0;
  double length = 0;  ///< of the weights' gradient before it is clipped
  double learning_rate = 0;
  double seconds = 0;
};

std::string to_json(const PainterStep& step);
std::string to_json(const PainterMeasures& measures);
/// Throws Error(corrupt_file) for anything else.
PainterMeasures parse_painter_measures(const std::string& json);

struct PainterHistory {
  std::vector<PainterStep> steps;
  std::vector<PainterMeasures> validations;
};

/// True when the log's first line is one of these. Throws as for_each_log_line does.
bool is_painter_log(const std::filesystem::path& path);

/// Throws as for_each_log_line does.
PainterHistory read_painter_log(const std::filesystem::path& path);

}  // namespace likeness
