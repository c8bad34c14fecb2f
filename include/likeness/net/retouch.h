#pragma once

/// The looks of a painter (net/painter.h) at its own picture.
///
/// A network that paints in one go never sees what it painted: its mistakes in the statistics of a
/// style are not known before there is a picture to measure. So the encoder sees the picture as it
/// sees photos and styles, and each position learns what it should have looked like: carried to the
/// style's mean and covariance (net/gaussian_transport.h), x ↦ T·x + b, and nearer to the photo's
/// feature y there,
///
///     e = W_s (T·x + b − x) + W_c (y − x).
///
/// The first look regards all of the encoder's scales, the second the fine and the middle one; each
/// has weights of its own. With W = 1 e is the negative gradient, with regard to the features, of
/// half the squared distance to the two targets. Convolutions bring it back to the pixels the way a
/// gradient goes back through the encoder, which they begin as (retrace); so this is a step of
/// descent under the encoder, its metric, its length and its way back learned (compare Gregor and
/// LeCun 2010, "Learning fast approximations of sparse coding"; Andrychowicz et al. 2016, "Learning
/// to learn by gradient descent by gradient descent"). Safe to run from many threads once packed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <likeness/net/convolution.h>
#include <likeness/net/painter_encoder.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

struct RetouchImpl : torch::nn::Module {
  /// `widths`: the encoder's channels by scale. `scales`: how many of them are looked at, from fine
  /// on: 2 or 3.
  RetouchImpl(const std::array<std::int64_t, kPainterScales>& widths, std::size_t scales);

  /// What is added to a picture in blocks [N, 12, H, W] (net/pixel_blocks.h). `seen`: what the
  /// encoder sees in it; `missed`: e of each scale that is looked at, with its features' shape.
  torch::Tensor forward(const PainterGlance& seen, const std::vector<torch::Tensor>& missed);

  /// The weights that make it a step of gradient descent under `encoder`.
  void retrace(const PainterEncoderImpl& encoder);
  /// As PainterEncoderImpl::pack.
  void pack(std::int64_t side, bool bf16 = false);

  std::vector<torch::Tensor> style;    ///< W_s [C, C] by scale
  std::vector<torch::Tensor> content;  ///< W_c

 private:
  bool looks_at_coarse() const { return style.size() == kPainterScales; }
  /// What is missed at the middle scale and, come from there, at the coarse one.
  torch::Tensor middle_error(const PainterGlance& seen, const std::vector<torch::Tensor>& missed,
                             at::ScalarType type);

  bool bf16_ = false;                     ///< packed for it
  Convolution block_second_{nullptr};     ///< back through the encoder's residual block
  Convolution block_first_{nullptr};      ///< and its first layer
  Convolution rise_to_middle_{nullptr};   ///< from the coarse scale to the middle one
  Convolution within_{nullptr};           ///< back through the encoder's layer at the middle scale
  Convolution rise_{nullptr};             ///< from the middle scale to the fine one
  Convolution pixels_{nullptr};           ///< from the fine scale to blocks of pixels
  Convolution middle_by_pixel_{nullptr};  ///< rise_to_middle_ and rise_, packed for speed
  Convolution fine_by_pixel_{nullptr};
};
TORCH_MODULE(Retouch);

}  // namespace likeness::net
