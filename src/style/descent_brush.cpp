#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/image/transform.h>
#include <likeness/style/film.h>
#include <likeness/style/memory.h>

#include "style/canvas.h"

namespace likeness {
namespace {

class DescentBrush : public FrameBrush {
 public:
  DescentBrush(const PerceptualNetwork& network, std::vector<StyleSource> styles,
               const DescentOptions& options)
      : network_(network),
        styles_(std::move(styles)),
        options_(options),
        last_(options.weights.last_tap()) {
    check_weights(options.weights, network);
    LIKENESS_CHECK(!styles_.empty() && options.iterations > 0 && options.first_iterations > 0);
  }

  at::Tensor paint(const at::Tensor& frame, const FilmPast* past) override {
    const Size size = {static_cast<int>(frame.size(3)), static_cast<int>(frame.size(2))};
    const Size whole = canvas_size(size, last_);
    const at::Tensor content = continued(frame, whole);
    const StyleObjective objective(network_, content, parts_at(size), options_.weights,
                                   tiles(whole));
    at::Tensor picture = content.clone(at::MemoryFormat::ChannelsLast);
    at::Tensor trust;
    at::Tensor carried;
    if (past != nullptr) {
      trust = continued(past->trust, whole);
      carried = continued(past->carried, whole);
      picture = at::lerp(picture, carried, trust).contiguous(at::MemoryFormat::ChannelsLast);
    }
    descend(picture, objective, trust, carried);
    return picture.narrow(2, 0, frame.size(2))
        .narrow(3, 0, frame.size(3))
        .clone(at::MemoryFormat::ChannelsLast);
  }

  TensorMap state() const override { return {}; }  // nothing but what the styles give
  void restore(const TensorMap&) override {}

 private:
  /// On the network's device, the last row and column repeated up to `whole`.
  at::Tensor continued(const at::Tensor& x, Size whole) const {
    return at::replication_pad2d(x.to(network_.device()).contiguous(),
                                 {0, whole.width - x.size(3), 0, whole.height - x.size(2)})
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

  TileOptions tiles(Size whole) const {
    constexpr double kShareOfFree = 0.7;
    const auto free = static_cast<double>(available_memory());
    const auto limit =
        free > 0 ? static_cast<std::int64_t>(kShareOfFree * free) : std::int64_t{4} << 30;
    return {.side = choose_tiles(network_, options_.weights, whole.height, whole.width,
                                 2 * options_.optimiser.history, 1, limit)
                        .tile_side};
  }

  /// The styles' targets, computed once for frames of one size.
  const std::vector<StylePart>& parts_at(Size size) {
    if (size == parts_size_) return parts_;
    parts_.clear();
    double sum = 0;
    for (const StyleSource& style : styles_) sum += style.share;
    for (const StyleSource& style : styles_) {
      const int longest =
          std::max(1, static_cast<int>(std::lround(options_.style_scale * size.longest())));
      const Size scaled = scaled_size({style.picture.width(), style.picture.height()}, longest);
      at::Tensor mask;
      if (!style.mask.empty()) mask = mask_canvas(style.mask, scaled, last_, network_.device());
      parts_.push_back(
          {.target = style_target(network_, canvas(style.picture, scaled, last_, network_.device()),
                                  mask, options_.weights, options_.seed),
           .share = style.share / sum,
           .mask = {}});
    }
    parts_size_ = size;
    return parts_;
  }

  /// Ruder et al. 2016, equation 8: the cost of what differs from the past.
  void descend(at::Tensor& picture, const StyleObjective& objective, const at::Tensor& trust,
               const at::Tensor& carried) const {
    const double weight = options_.temporal_weight / static_cast<double>(picture.numel());
    const auto evaluate = [&](const at::Tensor& here, at::Tensor* gradient) {
      const double painting = objective.evaluate(here, gradient).total;
      if (!trust.defined()) return painting;
      const at::Tensor pull = trust * (here - carried);
      if (gradient != nullptr) *gradient = *gradient + 2 * weight * pull;
      return painting + weight * (pull * (here - carried)).sum().item<double>();
    };
    const PictureCost cost = [&](const at::Tensor& here) {
      CostGradient result;
      result.value = evaluate(here, &result.gradient);
      return result;
    };
    const PictureValue value = [&](const at::Tensor& here) { return evaluate(here, nullptr); };
    const auto optimiser = make_picture_optimiser(options_.optimiser);
    const int count = trust.defined() ? options_.iterations : options_.first_iterations;
    for (int i = 0; i < count; ++i) {
      const bool last = i + 1 == count;
      const PictureStep step =
          last ? optimiser->last_step(picture, cost, value) : optimiser->step(picture, cost);
      if (!step.moved) break;
    }
    picture = optimiser->result(picture).clamp(0, 1);
  }

  const PerceptualNetwork& network_;
  std::vector<StyleSource> styles_;
  DescentOptions options_;
  net::Tap last_;
  std::vector<StylePart> parts_;
  Size parts_size_;
};

}  // namespace

std::unique_ptr<FrameBrush> descent_brush(const PerceptualNetwork& network,
                                          const std::vector<StyleSource>& styles,
                                          const DescentOptions& options) {
  return std::make_unique<DescentBrush>(network, styles, options);
}

}  // namespace likeness
