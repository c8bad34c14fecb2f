#pragma once

/// What the best weights of a run made of the validation people, kept in the run's folder as
/// validation.json: the ROC of all their pairs, and the pairs that came out worst. Pure functions,
/// safe to call from many threads.
///
///     write_validation_report("run", judge_validation(trainer.best_validation_encodings(),
///     faces)); const ValidationReport report = read_validation_report("run");

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/evaluate/roc.h>
#include <likeness/train/training_faces.h>

namespace likeness {

/// Two validation faces.
struct ValidationPair {
  std::string first;  ///< picture, below ValidationReport::folder or absolute
  std::string second;
  bool same_person = false;
  float distance = 0;  ///< squared
};

struct ValidationReport {
  std::filesystem::path folder;  ///< that the pictures' relative paths start from
  std::int64_t faces = 0;
  std::int64_t identities = 0;
  std::int64_t genuine = 0;   ///< pairs of one person
  std::int64_t impostor = 0;  ///< pairs of different people
  double eer = 0;
  double auc = 0;
  Roc roc;  ///< thinned: no more points than a drawing can show
  /// The farthest pairs of one person, then the nearest pairs of different people, the worst first;
  /// each face at most once among each kind, so that one bad photo does not hide the others.
  std::vector<ValidationPair> hardest;
};

/// `encodings`: float32 [N, D], rows of length 1, of `faces` in their order. `most` pairs of each
/// kind are kept. Throws Error(invalid_argument) when a kind has no pair.
ValidationReport judge_validation(const at::Tensor& encodings, const TrainingFaces& faces,
                                  const std::filesystem::path& folder, std::size_t most = 24);

/// Throws Error(write_failed).
void write_validation_report(const std::filesystem::path& run, const ValidationReport& report);
/// Throws Error: not_found (a run that has not ended yet has none), corrupt_file.
ValidationReport read_validation_report(const std::filesystem::path& run);

}  // namespace likeness
