#pragma once

/// The encoder of a painter (net/painter.h): a slim network whose features, at a half, a quarter
/// and an eighth of the picture's size, are what a painter knows of photos and of styles. Four
/// pixels come in as one position with 12 channels; sizes are halved by 2 × 2 filters. Safe to run
/// from many threads once packed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <likeness/net/convolution.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

/// Half, quarter and eighth of the picture's size.
enum class PainterScale { fine, middle, coarse };
inline constexpr int kPainterScales = 3;

/// Features of pictures by scale, [N, widths[s], H / 2^(s+1), W / 2^(s+1)], float32, at least 0.
using PainterFeatures = std::array<torch::Tensor, kPainterScales>;

/// What the layers see, and what lies between. Coarse ones are undefined where they were not asked
/// for; all are bfloat16 where that is packed.
struct PainterGlance {
  torch::Tensor fine;    ///< features
  torch::Tensor inner;   ///< between fine and middle, of the middle's shape
  torch::Tensor middle;  ///< features
  torch::Tensor halved;  ///< middle features at the coarse scale, which a residual block takes
  torch::Tensor within;  ///< in the middle of that block
  torch::Tensor coarse;  ///< features
};

struct PainterEncoderImpl : torch::nn::Module {
  /// `widths`: channels by scale.
  explicit PainterEncoderImpl(const std::array<std::int64_t, kPainterScales>& widths);

  /// x: [N, 3, H, W], RGB 0…1, float32, channels-last for speed; H and W multiples of 8, from 16
  /// on.
  PainterFeatures forward(const torch::Tensor& x);

  /// The first `scales` scales, 2 or 3, and what lies between. `blocks`: a picture minus kGrey in
  /// blocks of 2 × 2 pixels (net/pixel_blocks.h).
  PainterGlance glance(const torch::Tensor& blocks, std::size_t scales = kPainterScales);

  /// Scales the layers so that features have a mean square of 1/4 over `pictures` (as x in
  /// forward()), and what is between them about as much. Features stay the same but for one factor
  /// each scale. A layer that answers to none of the pictures stays as it is.
  void normalise(const torch::Tensor& pictures);

  /// Prepares for inference on pictures of about `side` pixels; with `bf16` they are computed
  /// in bfloat16, where the processor has it.
  void pack(std::int64_t side, bool bf16 = false);

  static constexpr std::int64_t kStep = 8;      ///< what sides are multiples of
  static constexpr std::int64_t kColours = 3;   ///< channels of a picture
  static constexpr std::int64_t kShuffled = 2;  ///< pixels of a position's side
  static constexpr double kGrey = 0.5;          ///< what pictures are seen against

 private:
  bool bf16_ = false;  ///< packed for it
  std::vector<Convolution> layers_;
};
TORCH_MODULE(PainterEncoder);

}  // namespace likeness::net
