#pragma once

/// The network that paints in one pass: an encoder, a style's code, a decoder.
///
/// The encoder (net/painter_encoder.h) tells photos and styles by features at a half, a quarter and
/// an eighth of the picture's size. A style's code is one row of numbers: a scale and a shift for
/// each channel behind each convolution of the decoder (compare conditional instance normalisation,
/// Dumoulin et al. 2017, "A learned representation for artistic style"). Where the encoder's
/// features enter the decoder they are carried to the style's own mean and covariance, which the
/// code holds there, by the linear map that moves them least (optimal transport between Gaussians;
/// AdaIN, Huang and Belongie 2017, is the same for channels apart); everywhere else the code is
/// predicted from means, deviations and covariances (compare Ghiasi et al. 2017, "Exploring the
/// structure of a real-time, arbitrary neural artistic stylization network"). So codes can be read
/// from any picture, learned for one style, and mixed.
///
/// Nothing is normalised within the decoder: networks that are, learn to paint a few bright blobs
/// into every picture, which bend the statistics of all the rest (Karras et al. 2020, "Analyzing
/// and improving the image quality of StyleGAN", section 2). Ours did.
///
/// The first painting is a sketch, and little work: the features, carried, from coarse to fine, and
/// few residual blocks. Looks at it do the rest (net/retouch.h). No layer runs at full size. Safe
/// to run from many threads once packed.
///
///     Painter painter(PainterOptions{});
///     const auto code = painter->code(painter->encode(style));
///     const auto painted = painter->decode(painter->encode(content), {.codes = code});

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <likeness/net/convolution.h>
#include <likeness/net/painter_encoder.h>
#include <likeness/net/retouch.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

struct PainterOptions {
  std::array<std::int64_t, kPainterScales> widths = {32, 64, 128};  ///< channels by scale, rising
  std::array<std::int64_t, kPainterScales> blocks = {1, 0, 0};  ///< residual ones of the decoder
  std::int64_t projected = 24;  ///< channels whose covariances a code is predicted from, by scale
  std::int64_t hidden = 128;    ///< units between a style's statistics and its code
  /// How many scales each look at what it painted regards, to mend it (net/retouch.h).
  std::vector<std::size_t> looks = {3, 2};
};

/// Where a code acts in the decoder, with `size` of its numbers from `begin` on: `channels` scales,
/// then as many shifts.
struct PainterPlace {
  PainterScale scale;
  std::int64_t channels;
  std::int64_t begin;
  std::int64_t size;
  /// The encoder's features come in here: in place of scales the code holds the square root of the
  /// style's covariance, channels² numbers, and then the style's means.
  bool enters;
};

/// Means and covariances of one picture's features, by scale: measured on a small picture
/// and used for the tiles of a large one, or followed over the frames of a film (compare Chen et
/// al. 2022, "Towards ultra-resolution neural style transfer via thumbnail instance
/// normalization").
struct PainterStatistics {
  std::vector<torch::Tensor> means;        ///< [C] for each scale
  std::vector<torch::Tensor> covariances;  ///< [C, C]
  bool empty() const { return means.empty(); }
};

/// Statistics of what was painted, of the scales that are looked at, for each look and each code.
using PaintedStatistics = std::vector<std::vector<PainterStatistics>>;

inline constexpr std::size_t kAllLooks = std::numeric_limits<std::size_t>::max();

/// How features are painted.
struct PainterStyling {
  /// [N, code_size()], a code for each picture; or [K, code_size()] with `maps`.
  torch::Tensor codes;
  /// [K, H, W] at the picture's size, summing to 1 everywhere: where each code rules, for one
  /// picture. Undefined: one code for each picture.
  torch::Tensor maps = {};
  const PainterStatistics* use = nullptr;  ///< in place of the picture's own
  /// Those of a larger picture that this one is part of, in place of its own.
  const PaintedStatistics* painted = nullptr;
  std::size_t looks = kAllLooks;  ///< at most, at what is painted
};

struct PainterImpl : torch::nn::Module {
  explicit PainterImpl(const PainterOptions& options = {});

  /// The features of x, see PainterEncoderImpl::forward.
  PainterFeatures encode(const torch::Tensor& x) { return encoder->forward(x); }
  /// [N, code_size()], float32. `mask`: [H, W] at the picture's size, 0…1, the part of one picture
  /// that counts; undefined: all of it.
  torch::Tensor code(const PainterFeatures& style, const torch::Tensor& mask = {});
  /// [1, code_size()], of a style with these statistics.
  torch::Tensor code(const PainterStatistics& style);
  /// Those of one picture's features, as far as they are defined, which they are carried from
  /// unless others are used; `mask` as in code().
  static PainterStatistics statistics(const PainterFeatures& content,
                                      const torch::Tensor& mask = {});
  /// [N, 3, H, W], RGB 0…1.
  torch::Tensor decode(const PainterFeatures& content, const PainterStyling& styling);

  /// What the next look sees in what is painted, after as many looks as `styling.painted` has
  /// statistics for: features of the scales that it regards; of all after the last look.
  PainterFeatures seen(const PainterFeatures& content, const PainterStyling& styling);

  /// Random weights (He et al. 2015), the same for the same seed on every platform.
  void initialise(std::uint64_t seed);
  /// Prepares the convolutions for inference on pictures of about `side` pixels; with `bf16` most
  /// of the encoder's and those of the decoder's blocks take bfloat16, where the processor has it.
  /// What the decoder adds up stays float32.
  void pack(std::int64_t side, bool bf16 = false);

  std::int64_t code_size() const { return code_size_; }
  const std::vector<PainterPlace>& places() const { return places_; }
  static constexpr std::int64_t kStep = PainterEncoderImpl::kStep;  ///< of sides

  PainterOptions options;
  PainterEncoder encoder{nullptr};
  std::vector<Retouch> retouches;  ///< by look

 private:
  void add_place(PainterScale scale, bool enters);
  void add_block(PainterScale scale);
  /// means: [N, C] for each scale, covariances: [N, C, C].
  torch::Tensor code_from(const std::vector<torch::Tensor>& means,
                          const std::vector<torch::Tensor>& covariances);
  torch::Tensor entering(const torch::Tensor& features, PainterScale scale,
                         const PainterStyling& styling);
  /// [N, C, C] and [N, C], of the place where the features of `scale` enter.
  torch::Tensor roots_in(const torch::Tensor& codes, PainterScale scale) const;
  torch::Tensor means_in(const torch::Tensor& codes, PainterScale scale) const;
  torch::Tensor first_blocks(const PainterFeatures& content, const PainterStyling& styling);
  /// e of net/retouch.h at look `number`. `seen`, `content`: features of `scale`.
  torch::Tensor missed(const torch::Tensor& seen, const torch::Tensor& content, PainterScale scale,
                       std::size_t number, const PainterStyling& styling) const;
  torch::Tensor retouched(torch::Tensor blocks, const PainterFeatures& content,
                          const PainterStyling& styling, std::size_t looks);
  static torch::Tensor styled(const torch::Tensor& x, const PainterPlace& place,
                              const PainterStyling& styling, bool relu);
  torch::Tensor block(const torch::Tensor& x, std::size_t number, const PainterStyling& styling);
  torch::Tensor all_blocks(torch::Tensor x, PainterScale scale, const PainterStyling& styling);
  torch::Tensor stage(const torch::Tensor& from, const PainterFeatures& content, PainterScale scale,
                      const PainterStyling& styling);

  bool bf16_ = false;  ///< packed for it
  std::vector<PainterPlace> places_;
  std::int64_t code_size_ = 0;
  std::vector<std::size_t> block_places_;  ///< the first place of each block
  std::array<std::size_t, kPainterScales> first_block_ = {};
  std::array<std::size_t, kPainterScales> enter_places_ = {};
  torch::nn::ModuleList blocks_;  ///< two convolutions each, from coarse to fine
  torch::nn::ModuleList enter_;   ///< 1 × 1: fine and middle features into the decoder, carried
  torch::nn::ModuleList rise_;    ///< 1 × 1: from middle to fine, from coarse to middle
  Convolution paint_{nullptr};    ///< four pixels of a picture from each position
  std::vector<torch::Tensor> projections_;  ///< [projected, widths[s]], of middle and coarse
  torch::Tensor hidden_weight_, hidden_bias_, code_weight_, code_bias_;
};
TORCH_MODULE(Painter);

}  // namespace likeness::net
