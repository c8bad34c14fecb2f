#pragma once

/// What a batch of pairs teaches a painter: its losses, and their gradient.

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/net/painter.h>
#include <likeness/train/flat_parameters.h>
#include <likeness/train/painter_training.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "train/painter_log.h"
#include "train/painter_losses.h"
#include "train/painter_styles.h"

namespace likeness {

/// All that learns: the painter, its styles' codes where it knows only a few, and what compares
/// neighbours.
struct PainterLearnerImpl : torch::nn::Module {
  /// `count`: how many styles have a code of their own, 0 for any style.
  PainterLearnerImpl(const net::PainterOptions& options, const std::vector<std::int64_t>& widths,
                     std::int64_t count);

  /// Each parameter's share of the learning rate: the encoder, which learned before or is the given
  /// painter's, stays as it is, and so does what decoders and codes are made for.
  static double rate_of(const std::string& name);

  /// [N, code size]
  at::Tensor codes_of(const StyleBatch& styles);

  net::Painter painter{nullptr};
  Coherence coherence{nullptr};
  at::Tensor codes;  ///< [K, code size] or undefined
};
TORCH_MODULE(PainterLearner);

/// Picture i of [N, 3, H, W], channels-last.
at::Tensor picture_of(const at::Tensor& pictures, std::int64_t i);

/// Square pictures, each in its own view.
at::Tensor seen_in(const std::vector<View>& views, const at::Tensor& pictures);

/// Learns from the pictures of a batch side by side, one thread each: threads that share every
/// operation wait for each other a third of the time. On a GPU all pictures are one operation.
class PainterGradients {
 public:
  /// Keeps references. `learner`, whose parameters `parameters` are (by
  /// rate_of), is on options.device.
  PainterGradients(const PainterTrainingOptions& options, const PaintingJudge& judge,
                   const PainterLearner& learner, const FlatParameters& parameters,
                   const std::vector<std::int64_t>& widths);

  /// The losses of a batch, as means over its pairs. Their gradient is in `parameters` afterwards.
  PainterStep learn(const at::Tensor& contents, const StyleBatch& styles, Random& random);

 private:
  struct Part;

  std::vector<Part> parts_of(const at::Tensor& contents, const StyleBatch& styles,
                             Random& random) const;
  /// Adds the part's gradient to the learner's, and returns its share of the losses.
  PainterStep learn_from(const Part& part, PainterLearnerImpl& learner) const;

  const PainterTrainingOptions& options_;
  const PaintingJudge& judge_;
  PainterLearner learner_;
  const FlatParameters& parameters_;
  /// The learner again for each further picture of a batch, with gradients of its own and the same
  /// encoder.
  std::vector<PainterLearner> others_;
  std::vector<FlatParameters> of_others_;
};

}  // namespace likeness
