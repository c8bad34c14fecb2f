#pragma once

/// The steps of a distillation.

#include <cstdint>
#include <functional>
#include <optional>

#include <likeness/train/checkpoint.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/optimiser.h>
#include <likeness/train/perceptual_training.h>

#include "train/perceptual_log.h"
#include "train/perceptual_pictures.h"
#include "train/perceptual_student.h"
#include "train/perceptual_way.h"

namespace likeness {

class PerceptualTrainer {
 public:
  /// The student is as wide as the options' `widths`. It goes on from `start`, a student's tensors;
  /// where there are none, from the teacher's filters. Keeps references to pictures and teacher.
  PerceptualTrainer(const PerceptualTrainingOptions& options, const PerceptualPictures& pictures,
                    const net::Vgg& teacher, const TensorMap& start);

  /// Steps that are done.
  std::int64_t steps() const { return step_; }
  double seconds() const { return seconds_; }
  std::int64_t parameters() const { return parameters_->values().numel(); }

  /// One step. Throws Error(diverged) and leaves the weights as they are.
  PerceptualStep learn();
  /// Ends the training: the average of the weights gets the lifts with the least squared error over
  /// crops of the training pictures. Doing it again changes nothing.
  void fit_lifts();
  /// The average of the weights on the pictures that are held out.
  PerceptualMeasures measure();
  /// The average of the weights.
  TensorMap exported();

  void save(Checkpoint& checkpoint) const;
  /// Throws Error(corrupt_file).
  void restore(const Checkpoint& checkpoint);

 private:
  struct Losses;

  at::Tensor crops(std::int64_t count, Random& random) const;
  at::Tensor as_activations(const at::Tensor& pictures) const;
  Losses losses(const at::Tensor& pictures, const PicturesChosen& chosen);
  /// The gradient of the teacher's cost to the pictures on the way, and its activations there.
  at::Tensor teachers_gradient(const PicturesChosen& chosen, std::vector<at::Tensor>& taps);
  PaintingTarget students_target(const PicturesChosen& chosen, const std::vector<Lift>& lifts,
                                 bool differentiable);
  /// Moves those at `places` so many times more.
  void paint_on(const std::vector<std::int64_t>& places, std::int64_t moves, Random& random);

  PerceptualTrainingOptions options_;
  const PerceptualPictures& pictures_;
  net::Vgg exact_teacher_;  ///< float32
  net::Vgg teacher_;        ///< in the type of the activations
  at::Tensor held_out_;
  Student student_;
  std::optional<FlatParameters> parameters_;
  std::optional<Optimiser> optimiser_;
  at::Tensor average_;
  std::optional<PicturesOnTheWay> way_;
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace likeness
