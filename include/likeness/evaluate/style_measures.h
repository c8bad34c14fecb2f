#pragma once

/// How well a picture shows a content in a style: the objective of Gatys et al. 2016 under a
/// network that judges, with the figures that style transfer is compared by. Exact, in float32.
/// Pure functions beside the file system; safe to call from many threads.
///
///     const PerceptualNetwork judge = load_vgg19("vgg19.safetensors", at::kCPU, {});
///     const JudgedPicture content = judge_picture(judge, photo);
///     const JudgedPicture style = judge_picture(judge, painting);
///     const StyleMeasures measures = measure_style(judge_picture(judge, ours), content, style);

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>
#include <likeness/style/moments.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

/// The layers whose Gram matrices are compared; the last one is that of the content.
inline constexpr std::array kJudgedTaps = {net::Tap::relu1_1, net::Tap::relu2_1, net::Tap::relu3_1,
                                           net::Tap::relu4_1};

/// What the measures look at in one picture.
struct JudgedPicture {
  int width = 0;
  int height = 0;
  double variation = 0;                             ///< total_variation
  std::array<Moments, kJudgedTaps.size()> moments;  ///< of each layer
  at::Tensor content;                               ///< activations of the last layer
};

/// Throws Error(invalid_argument) with `name` unless `network` has relu4_1 and computes in float32,
/// and for a picture with a side below 16 pixels. Alpha is flattened over white. A slim network
/// judges in its teacher's space.
JudgedPicture judge_picture(const PerceptualNetwork& network, const Image& picture,
                            const std::string& name = "the picture");

struct StyleMeasures {
  double content = 0;  ///< content_cost at relu4_1
  /// style_cost of each layer: mean squared difference of Gram matrices.
  std::array<double, kJudgedTaps.size()> style_layers = {};
  double adain = 0;      ///< sum over layers of the differences of means and deviations (mean_std)
  double variation = 0;  ///< total_variation of the picture
  /// `content` as a share of that of the style itself shown for the picture. Nothing when the style
  /// has another size, or is the content.
  std::optional<double> content_share;
  /// Style as a share of that of the content shown for the picture. Nothing when they are the same.
  std::optional<double> style_share;

  double style() const;  ///< sum over layers
  double total(double style_weight) const { return content + style_weight * style(); }
};

/// Throws Error(invalid_argument) unless picture and content have one size; the style's may differ.
StyleMeasures measure_style(const JudgedPicture& picture, const JudgedPicture& content,
                            const JudgedPicture& style);

/// A picture that was painted, and from what.
struct PaintedPicture {
  std::filesystem::path content;
  std::filesystem::path style;
  std::filesystem::path picture;
};

/// A CSV text (RFC 4180): the header "content,style,picture", then one picture a line, with paths
/// from `folder` on. `name` stands for the file in errors. Throws Error(corrupt_file) with the
/// line.
std::vector<PaintedPicture> parse_painted_pictures(std::string_view csv, const std::string& name,
                                                   const std::filesystem::path& folder);

/// Reads the file at `path`, whose folder the paths start from. Throws as read_file and
/// parse_painted_pictures do.
std::vector<PaintedPicture> read_painted_pictures(const std::filesystem::path& path);

}  // namespace likeness
