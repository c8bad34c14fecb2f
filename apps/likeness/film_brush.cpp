#include "film_brush.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <ATen/ATen.h>
#include <likeness/core/device.h>
#include <likeness/image/codec.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>

namespace likeness::cli {

FilmStyles::FilmStyles(const VideoCommand& options, const CommandContext& context)
    : options_(options) {
  const c10::Device device = context.prepare_device();
  const bool bf16 = has_fast_bfloat16(device);
  if (options.optimise)
    network_ =
        std::make_unique<PerceptualNetwork>(builtin_perceptual_network(device, {.bf16 = bf16}));
  else
    painter_ = std::make_unique<OnePassPainter>(
        options.painter.empty() ? builtin_painter(device, {.bf16 = bf16})
                                : open_painter(options.painter, device, {.bf16 = bf16}));
}

std::string FilmStyles::fingerprint() const {
  return painter_ ? painter_->fingerprint() : network_->fingerprint();
}

FilmPainter FilmStyles::painter(int longest, std::vector<std::string>& notes) const {
  const std::vector<double> parts = shares(notes);
  return FilmPainter(painter_ ? one_pass(longest, parts) : descent(longest, parts),
                     {.coherence = options_.coherence});
}

/// Scaled against the result; huge ones would take memory for nothing.
Image FilmStyles::style(const std::string& name, int longest) const {
  constexpr double kSmallest = 16;
  constexpr double kLargest = 2048;
  const Image picture = without_alpha(read_image(name));
  const double wanted = std::clamp(options_.style_scale * longest, kSmallest, kLargest);
  const double scale = wanted / std::max(picture.width(), picture.height());
  const auto side = [&](int full) {
    return std::max(1, static_cast<int>(std::lround(scale * full)));
  };
  return resize(picture, side(picture.width()), side(picture.height()));
}

std::vector<double> FilmStyles::shares(std::vector<std::string>& notes) const {
  std::vector<double> shares = options_.blend;
  if (shares.empty()) shares.assign(options_.styles.size(), 1.0);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  constexpr double kRounding = 1e-6;
  if (!options_.blend.empty() && std::abs(sum - 1) > kRounding) {
    char text[80];
    std::snprintf(text, sizeof(text), "--blend: shares sum to %g; scaled so that they sum to 1",
                  sum);
    notes.emplace_back(text);
  }
  for (double& share : shares) share /= sum;
  return shares;
}

std::unique_ptr<FrameBrush> FilmStyles::one_pass(int longest,
                                                 const std::vector<double>& shares) const {
  at::Tensor code;
  for (std::size_t i = 0; i < options_.styles.size(); ++i) {
    const std::string& name = options_.styles[i];
    const at::Tensor own = painter_->styles().empty()
                               ? painter_->code(to_tensor(style(name, longest)))
                               : painter_->code_of(name);
    code = code.defined() ? code + shares[i] * own : shares[i] * own;
  }
  PaintControls controls{.alpha = options_.alpha};
  std::copy(options_.strength.begin(), options_.strength.end(), controls.strength.begin());
  return one_pass_brush(*painter_, {.codes = code}, controls);
}

std::unique_ptr<FrameBrush> FilmStyles::descent(int longest,
                                                const std::vector<double>& shares) const {
  std::vector<StyleSource> styles;
  for (std::size_t i = 0; i < options_.styles.size(); ++i)
    styles.push_back({.picture = style(options_.styles[i], longest), .share = shares[i]});
  constexpr int kFirstFrame = 5;  // times as many steps, as it has no past to start from
  return descent_brush(*network_, styles,
                       {.style_scale = options_.style_scale,
                        .iterations = options_.iterations,
                        .first_iterations = kFirstFrame * options_.iterations});
}

}  // namespace likeness::cli
