#pragma once

/// What a painter is trained by. Activations are those of a perceptual network for several
/// pictures, [N, C, H, W]; everything is compared in its teacher's space (Lift). float32.

#include <array>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/style/perceptual_network.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace likeness {

inline constexpr std::size_t kPaintedTaps = 4;  ///< relu1_1 to relu4_1

/// First two moments of a tap of several pictures.
struct BatchMoments {
  at::Tensor mean;    ///< [N, C]
  at::Tensor second;  ///< [N, C, C], the Gram matrix over positions
};
using TapMoments = std::array<BatchMoments, kPaintedTaps>;

TapMoments tap_moments(const std::vector<at::Tensor>& taps);
/// One picture of several.
TapMoments at_place(const TapMoments& moments, std::int64_t place);
TapMoments stacked(const std::vector<TapMoments>& moments);

/// Costs of each picture, [N].
struct PaintingCosts {
  at::Tensor content;
  std::array<at::Tensor, kPaintedTaps> style;       ///< mean squared difference of Gram matrices
  std::array<at::Tensor, kPaintedTaps> statistics;  ///< of means, plus that of deviations
};

/// The costs of pictures with `taps` for contents whose last tap is `content`.
PaintingCosts painting_costs(const PerceptualNetwork& network, const std::vector<at::Tensor>& taps,
                             const at::Tensor& content, const TapMoments& style);

/// What they are measured against: the style in place of the picture for the content (expected over
/// positions), the content in place of the picture for the style.
PaintingCosts unchanged_costs(const PerceptualNetwork& network, const TapMoments& content,
                              const TapMoments& style);

/// Each cost relative to its counterpart, mean over pictures: content, style, statistics. Style and
/// statistics count half as sums over layers, half layer by layer, so that no layer is forgotten.
struct RelativeCosts {
  at::Tensor content;
  at::Tensor style;
  at::Tensor statistics;
};
RelativeCosts relative_costs(const PaintingCosts& costs, const PaintingCosts& unchanged);

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
