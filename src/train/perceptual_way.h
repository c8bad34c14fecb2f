#pragma once

/// Pictures on their way from a content (or from noise) to a style: where a painter's gradients are
/// asked for. The student itself moves them along, so that it learns the places that it leads to.

#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/vgg.h>

#include "train/perceptual_losses.h"

namespace likeness {

/// Makes new pictures: [count, 3, S, S], float32, on the device of the run.
using CropSource = std::function<at::Tensor(std::int64_t count, Random& random)>;

/// Some of the pictures, with what they aim at.
struct PicturesChosen {
  std::vector<std::int64_t> places;
  at::Tensor generated;  ///< [K, 3, S, S], as content and style
  at::Tensor content;
  at::Tensor style;
  PaintingTarget of_teacher;
};

class PicturesOnTheWay {
 public:
  /// `count` pictures, each a fresh pair, that start anew after `lifetime` moves; `teacher` in the
  /// type that activations have.
  PicturesOnTheWay(std::int64_t count, std::int64_t lifetime, net::Vgg teacher, CropSource crops,
                   Random& random);

  /// Up to `count` different pictures.
  PicturesChosen choose(std::int64_t count, Random& random) const;
  /// Those at `places`, as they are now.
  PicturesChosen pictures(const std::vector<std::int64_t>& places) const;
  /// Moves them by a step of Adam's kind against `gradient`; those that are old start anew. True
  /// when one did, and aims at something else from now on.
  bool move(const PicturesChosen& chosen, const at::Tensor& gradient, Random& random);

  /// For a checkpoint; copies.
  TensorMap state() const;
  /// Throws Error(corrupt_file) for a state of other pictures.
  void restore(const TensorMap& state);

 private:
  void start_anew(std::int64_t place, Random& random);
  /// What the teacher sees in one pair, alone, so that it is the same after a resumption.
  void look_at(std::int64_t place);

  std::int64_t lifetime_;
  net::Vgg teacher_;
  CropSource crops_;
  at::Tensor generated_;
  at::Tensor content_;
  at::Tensor style_;
  at::Tensor momentum_;
  at::Tensor square_;
  at::Tensor ages_;  ///< [N] int64, steps
  std::vector<PaintingTarget> targets_;
};

}  // namespace likeness
