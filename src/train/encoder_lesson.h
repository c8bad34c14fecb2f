#pragma once

/// The first lesson of a painter: its encoder alone learns to see what the perceptual network sees.
///
/// Features are carried to a style's mean and covariance where they enter the decoder. That is
/// worth as much as the features have to do with the activations that paintings are judged by: were
/// those linear in the features, their means and covariances would be right at once. Learned with
/// the decoder alone, features have little to do with them (0.08 of the variance of relu4_1). So
/// the loss of a batch is the share of the activations' variance that the best affine map from the
/// features leaves: relu2_1 from fine ones, relu3_1 from middle ones, relu4_1 from coarse ones, and
/// the pixels from fine ones. The map is solved for in every step (variable projection: Golub and
/// Pereyra 1973), so that nothing has to learn it.

#include <array>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/net/painter_encoder.h>
#include <likeness/train/checkpoint.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/optimiser.h>
#include <likeness/train/painter_training.h>

#include "train/encoder_log.h"
#include "train/painter_losses.h"
#include "train/painter_pictures.h"

namespace likeness {

/// The share of the variance of `targets` [N, D] that the best affine map from `features` [N, C]
/// leaves, with a ridge of 1e-3 of the features' mean variance: a scalar in 0…1, differentiable in
/// the features; 1 for targets that do not vary. Requires N > 1.
at::Tensor missed_share(const at::Tensor& features, const at::Tensor& targets);

class EncoderLesson {
 public:
  /// Keeps references. `encoder`, on options.device, is changed in place.
  EncoderLesson(const PainterTrainingOptions& options, std::int64_t steps,
                const PainterPictures& pictures, const PaintingJudge& judge,
                net::PainterEncoder encoder);

  std::int64_t steps() const { return step_; }
  double seconds() const { return seconds_; }

  /// One step. Throws Error(diverged) and leaves the weights as they are.
  EncoderStep learn();
  /// On crops of the pictures that are held out.
  EncoderMeasures measure();
  /// Gives features a mean square of 1/4 (net/painter_encoder.h).
  void finish();

  void save(Checkpoint& checkpoint) const;
  /// Throws Error(corrupt_file).
  void restore(const Checkpoint& checkpoint);

 private:
  std::array<at::Tensor, kEncoderTargets> missed(const at::Tensor& pictures);

  const PainterTrainingOptions& options_;
  std::int64_t steps_;
  const PainterPictures& pictures_;
  const PaintingJudge& judge_;
  net::PainterEncoder encoder_;
  FlatParameters parameters_;
  Optimiser optimiser_;
  at::Tensor held_out_;  ///< [M, 3, S, S]
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace likeness
