#pragma once

/// What a training run says about itself: one JSON object a line, one line a step, so that any tool
/// can follow it (`tail -f`, pandas, jq). One object belongs to one thread at a time.
///
///     TrainingLog log("run/log.jsonl", first_step);
///     log.add(measures);

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <likeness/train/log_file.h>
#include <likeness/train/triplet_mining.h>

namespace likeness {

/// One optimiser step.
struct StepMeasures {
  std::int64_t step = 0;  ///< counted from 1
  double loss = 0;        ///< of the triplets
  double penalty = 0;     ///< what SiameseNetwork::penalty adds to it
  MiningStatistics mining;
  double norm = 0;  ///< mean length of the encodings before they are normalised
  double variance = 0;  ///< of the encodings on the sphere: 1 − ‖mean‖²; 0 when all are one point
  double gradient = 0;  ///< length of the gradient before it is clipped
  double learning_rate = 0;
  double faces_per_second = 0;
};

/// People that the network has not learned from, compared with each other.
struct ValidationMeasures {
  std::int64_t step = -1;  ///< steps done before it; -1: there was none
  double tar_1e2 = 0;      ///< TAR at FAR 1e-2
  double tar_1e3 = 0;
  double eer = 0;
  double auc = 0;
  double accuracy = 0;  ///< balanced, with the best threshold for these very pairs
};

/// {"tar_1e-2": …} on one line, and back (a line of the log or a checkpoint).
/// Throws Error(corrupt_file) for anything else.
std::string to_json(const ValidationMeasures& measures);
ValidationMeasures parse_validation(const std::string& json);

class TrainingLog {
 public:
  /// As LogFile: lines of later steps are removed. Throws as that does.
  TrainingLog(const std::filesystem::path& path, std::int64_t last_step) : file_(path, last_step) {}

  /// Each is written at once. Throws Error(write_failed).
  void add(const StepMeasures& measures);
  void add(const ValidationMeasures& measures);
  /// Something that a reader should know: {"step", "warning"}.
  void warn(std::int64_t step, const std::string& message);

 private:
  LogFile file_;
};

/// A log as it was written.
struct TrainingHistory {
  std::vector<StepMeasures> steps;
  std::vector<ValidationMeasures> validations;
  std::vector<std::string> warnings;
};

/// Throws Error: as read_file does, corrupt_file with the line. A torn last line is passed over.
TrainingHistory read_training_log(const std::filesystem::path& path);

}  // namespace likeness
