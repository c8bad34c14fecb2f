#pragma once

/// What a painter is trained by: the costs of descent (style/costs.h) for each picture of a batch,
/// compared in the teacher's space of a perceptual network (Lift), and contrastive coherence.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/style/costs.h>
#include <likeness/style/perceptual_network.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace likeness {

inline constexpr std::size_t kPaintedTaps = 4;  ///< relu1_1 to relu4_1

/// What a style, or a picture, is at one tap.
struct TapStatistics {
  Moments moments;       ///< before the lift
  at::Tensor mean;       ///< [C'], in the teacher's space
  at::Tensor deviation;  ///< [C']
};
using PictureStatistics = std::array<TapStatistics, kPaintedTaps>;

/// Costs of one picture, scalars.
struct PaintingCosts {
  at::Tensor content;
  std::array<at::Tensor, kPaintedTaps> style;       ///< mean squared difference of Gram matrices
  std::array<at::Tensor, kPaintedTaps> statistics;  ///< of means, plus that of deviations
};

/// Each cost relative to its counterpart: content, style, statistics. Style and statistics count
/// half as sums over layers, half layer by layer, so that no layer is forgotten.
struct RelativeCosts {
  at::Tensor content;
  at::Tensor style;
  at::Tensor statistics;
};
RelativeCosts relative_costs(const PaintingCosts& costs, const PaintingCosts& unchanged);

/// A perceptual network that judges pictures one at a time, with what its lifts do to distances
/// worked out once. Safe to use from many threads.
class PaintingJudge {
 public:
  /// Keeps a reference.
  explicit PaintingJudge(const PerceptualNetwork& network);

  /// Activations of each picture of `pictures` [N, 3, H, W].
  std::vector<at::Tensor> taps(const at::Tensor& pictures) const;
  /// `taps` of one picture, [1, C, H, W] each.
  PictureStatistics statistics(const std::vector<at::Tensor>& taps) const;

  /// The costs of a picture with `taps` and their `statistics` for a content whose last tap is
  /// `content`.
  PaintingCosts costs(const std::vector<at::Tensor>& taps, const PictureStatistics& statistics,
                      const at::Tensor& content, const PictureStatistics& style) const;
  /// What they are measured against: the style in place of the picture for the content (expected
  /// over positions), the content in place of the picture for the style.
  PaintingCosts unchanged(const PictureStatistics& content, const PictureStatistics& style) const;

  /// relative_costs of a batch, mean over pictures, whose taps are `painted` and those of their
  /// contents `contents`.
  RelativeCosts mean_costs(const std::vector<at::Tensor>& painted,
                           const std::vector<at::Tensor>& contents,
                           std::span<const PictureStatistics> styles) const;

 private:
  void add_style_costs(PaintingCosts& costs, const PictureStatistics& picture,
                       const PictureStatistics& style) const;

  const PerceptualNetwork& network_;
  std::array<LiftMetric, kPaintedTaps> metrics_;
};

/// Pictures apart: tap by tap [N, C, H, W] → picture by picture, [1, C, H, W] each.
std::vector<std::vector<at::Tensor>> by_picture(const std::vector<at::Tensor>& taps);

/// Contrastive coherence: a difference of neighbouring activations of the picture must be told from
/// other places' by that of the content at the same place, after a learned projection. relu2_1 and
/// relu3_1 are compared.
struct CoherenceImpl : torch::nn::Module {
  explicit CoherenceImpl(const std::vector<std::int64_t>& widths);
  void initialise(std::uint64_t seed);
  /// Cross entropy, mean over places and layers.
  at::Tensor forward(const std::vector<at::Tensor>& painted, const std::vector<at::Tensor>& content,
                     Random& random);

 private:
  at::Tensor projected(const at::Tensor& differences, std::size_t layer) const;
  std::vector<at::Tensor> first_;   ///< [C, C]
  std::vector<at::Tensor> second_;  ///< [C, C]
};
TORCH_MODULE(Coherence);

}  // namespace likeness
