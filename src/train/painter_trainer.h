#pragma once

/// The steps of a painter's training.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <likeness/net/painter.h>
#include <likeness/train/checkpoint.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/optimiser.h>
#include <likeness/train/painter_training.h>

#include "train/painter_gradients.h"
#include "train/painter_log.h"
#include "train/painter_losses.h"
#include "train/painter_pictures.h"
#include "train/painter_styles.h"

namespace likeness {

class PainterTrainer {
 public:
  /// Keeps references. `start`: weights of a painter to start from, empty for random ones.
  PainterTrainer(const PainterTrainingOptions& options, const PainterPictures& pictures,
                 const PerceptualNetwork& network, const TensorMap& start);

  std::int64_t steps() const { return step_; }
  double seconds() const { return seconds_; }
  std::int64_t parameters() const;
  std::int64_t held_out_pairs() const { return held_out_contents_.size(0); }

  /// One step. Throws Error(diverged) and leaves the weights as they are.
  PainterStep learn();
  /// The average of the weights on the pairs that are held out.
  PainterMeasures measure();
  /// Held-out contents (down) in held-out styles (across), each with its original at the edge.
  Image preview();
  /// The average of the weights, as a painter's file holds them.
  TensorMap exported();

  void save(Checkpoint& checkpoint) const;
  /// Throws Error(corrupt_file).
  void restore(const Checkpoint& checkpoint);

 private:
  void start_from(const TensorMap& start);
  void hold_out();
  at::Tensor contents(std::int64_t count, Random& random) const;

  PainterTrainingOptions options_;
  const PainterPictures& pictures_;
  PaintingJudge judge_;
  std::unique_ptr<PainterStyles> styles_;
  PainterLearner learner_{nullptr};
  std::optional<FlatParameters> parameters_;
  std::optional<PainterGradients> gradients_;
  std::optional<Optimiser> optimiser_;
  at::Tensor average_;
  at::Tensor held_out_contents_;  ///< [M, 3, S, S]
  StyleBatch held_out_styles_;
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace likeness
