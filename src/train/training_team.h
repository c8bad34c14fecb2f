#pragma once

/// Who trains: one process alone, or several that share each batch and stay in step.

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/net/shared_batch_norm.h>
#include <likeness/train/checkpoint.h>
#include <likeness/train/process_group.h>
#include <likeness/train/training_log.h>

namespace likeness {

class TrainingTeam {
 public:
  /// Null: one process alone, for which everything below is as it is.
  explicit TrainingTeam(ProcessGroup* processes) : processes_(processes) {}

  int rank() const { return processes_ != nullptr ? processes_->rank() : 0; }
  int size() const { return processes_ != nullptr ? processes_->size() : 1; }
  /// One of them validates and writes log and checkpoints.
  bool writes() const { return rank() == 0; }

  /// Throws Error(invalid_argument) in all of them when one has other settings.
  void agree_on(const RunSettings& settings) const;
  /// Likewise when one goes on from another step.
  void agree_on_start(std::int64_t step) const;
  /// Process 0's for all.
  void share_state(at::Tensor state) const;
  ValidationMeasures shared(const ValidationMeasures& measures) const;

  /// Empty for one process alone.
  net::SumOverProcesses sum() const;
  /// The rows of all processes, [rows, D] (joined_rows.h).
  at::Tensor joined(const at::Tensor& own, std::int64_t rows) const;
  void add_up(at::Tensor gradients) const;
  /// Whether one of them is to stop.
  bool stop_requested(const Cancellation* cancellation) const;

 private:
  ProcessGroup* processes_;
};

}  // namespace likeness
