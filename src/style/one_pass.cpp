#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>
#include <likeness/core/timer.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/style/colour.h>
#include <likeness/style/mask.h>
#include <likeness/style/memory.h>
#include <likeness/style/one_pass.h>

#include "style/canvas.h"
#include "style/paint_tiles.h"
#include "style/painting_checks.h"

namespace likeness {
namespace {

/// Measured at the peak of a pass, beside the picture itself in 8 bits.
constexpr std::int64_t kBytesPerPixel = 400;
constexpr int kSmallestTile = 256;
constexpr int kLargestTile = 2048;
/// Statistics of larger pictures are no better.
constexpr int kLargestStyle = 2048;

void check_factor(double value, const std::string& what) {
  if (!(value >= 0 && value <= 2)) refuse(what + " " + number_text(value) + " is not in 0 … 2");
}

void check(const std::vector<OnePassStyle>& styles, const Image& content,
           const OnePassOptions& options) {
  std::vector<StyleSource> sources;
  sources.reserve(styles.size());
  for (const OnePassStyle& style : styles)
    sources.push_back(
        {.picture = style.known.empty() && !style.code.defined() ? style.picture : content,
         .share = style.share,
         .mask = style.mask,
         .region = style.region});
  check_painting(content, sources, {.size = options.size, .style_scale = options.style_scale});
  if (!(options.controls.alpha >= 0 && options.controls.alpha <= 1))
    refuse("alpha " + number_text(options.controls.alpha) + " is not in 0 … 1");
  for (const double factor : options.controls.strength) check_factor(factor, "strength");
  if (options.tile_side < 0 || options.tile_side % net::PainterImpl::kStep != 0)
    refuse("tiles must have a multiple of 8 pixels");
}

/// The largest tile that fits, or 0 when the whole picture does.
std::int64_t tile_for(Size size, std::int64_t limit) {
  const auto need = [](std::int64_t width, std::int64_t height) {
    return width * height * kBytesPerPixel;
  };
  if (need(size.width, size.height) <= limit) return 0;
  for (int side = kLargestTile; side >= kSmallestTile; side /= 2)
    if (need(side + 2 * kPaintReach, side + 2 * kPaintReach) <= limit) return side;
  throw Error(
      ErrorCode::too_large,
      "painting takes at least " +
          std::to_string(need(kSmallestTile + 2 * kPaintReach, kSmallestTile + 2 * kPaintReach) /
                         1'000'000) +
          " MB of memory, and " + std::to_string(limit / 1'000'000) + " MB may be used");
}

/// One call of paint_in_one_pass().
class OnePass {
 public:
  OnePass(const OnePassPainter& painter, const Image& content,
          const std::vector<OnePassStyle>& styles, const OnePassOptions& options)
      : painter_(painter), content_(content), styles_(styles), options_(options) {
    const Size own{.width = content.width(), .height = content.height()};
    size_ = options.size > 0 ? scaled_size(own, options.size) : own;
    const auto free = static_cast<double>(available_memory());
    const std::int64_t limit = options.memory > 0 ? options.memory
                               : free > 0         ? static_cast<std::int64_t>(0.7 * free)
                                                  : std::int64_t{4} << 30;
    // The content, the picture at its size, and the result stay in memory beside the pass.
    const std::int64_t pictures = std::int64_t{9} * size_.width * size_.height;
    for_pass_ = std::max<std::int64_t>(limit - pictures, 1);
    result_.tile_side = options.tile_side > 0 ? options.tile_side : tile_for(size_, for_pass_);
    const std::int64_t side = result_.tile_side + std::int64_t{2} * kPaintReach;
    result_.memory_need =
        pictures +
        kBytesPerPixel *
            (result_.tile_side > 0 ? side * side : std::int64_t{size_.width} * size_.height);
  }

  OnePassResult run(Progress& progress, const Cancellation* cancellation) {
    const Timer timer;
    std::vector<at::Tensor> codes;
    for (const OnePassStyle& style : styles_)
      codes.push_back(code_of(style, progress, cancellation));
    arrange(codes);
    result_.style_seconds = timer.seconds();
    if (cancellation != nullptr) cancellation->check();
    paint(progress, cancellation);
    finish();
    result_.seconds = timer.seconds();
    return std::move(result_);
  }

  at::Tensor code_of(const OnePassStyle& style, Progress& progress,
                     const Cancellation* cancellation) const {
    if (style.code.defined()) return style.code;
    if (!style.known.empty()) return painter_.code_of(style.known);
    const Image plain = without_alpha(style.picture);
    const Image picture = options_.original_colours == OriginalColours::match
                              ? match_colours(plain, content_)
                              : plain;
    const int longest = std::clamp(
        static_cast<int>(std::lround(options_.style_scale * size_.longest())), 1, kLargestStyle);
    const Size scaled = scaled_size({picture.width(), picture.height()}, longest);
    const Image resized = resize(picture, scaled.width, scaled.height);
    const std::int64_t tile = tile_for(scaled, for_pass_);
    if (tile > 0)
      return painter_.code(statistics_in_tiles(painter_, resized, mask_of(style, scaled),
                                               static_cast<int>(tile), progress, cancellation));
    return painter_.code(to_tensor(resized), mask_of(style, scaled));
  }

 private:
  static at::Tensor mask_of(const OnePassStyle& style, Size size) {
    return style.mask.empty() ? at::Tensor() : mask_weights(style.mask, size.height, size.width);
  }

  /// Styles without a region are mixed into one code; each region has its own.
  void arrange(const std::vector<at::Tensor>& codes) {
    at::Tensor mixed;
    double sum = 0;
    for (std::size_t i = 0; i < styles_.size(); ++i) {
      if (!styles_[i].region.empty()) {
        regions_.push_back({codes[i], mask_weights(styles_[i].region, size_.height, size_.width)});
        continue;
      }
      sum += styles_[i].share;
      mixed = mixed.defined() ? mixed + styles_[i].share * codes[i] : styles_[i].share * codes[i];
    }
    if (mixed.defined() && sum > 0) mixed_ = mixed / sum;
  }

  at::Tensor codes() const {
    std::vector<at::Tensor> all;
    for (const Region& region : regions_) all.push_back(region.code);
    if (mixed_.defined()) all.push_back(mixed_);
    return at::cat(all);
  }

  /// How much of each code in a part of the picture.
  at::Tensor maps_of(const PictureArea& area) const {
    if (regions_.empty()) return {};
    std::vector<at::Tensor> maps;
    for (const Region& region : regions_)
      maps.push_back(region.map.narrow(0, area.y, area.height).narrow(1, area.x, area.width));
    at::Tensor all = at::stack(maps);
    all = all / all.sum(0, true).clamp_min(1);
    if (!mixed_.defined()) return all;
    return at::cat({all, 1 - all.sum(0, true)});
  }

  void paint(Progress& progress, const Cancellation* cancellation) {
    const Image plain = without_alpha(content_);
    const bool same = plain.width() == size_.width && plain.height() == size_.height;
    const Image picture = same ? plain : resize(plain, size_.width, size_.height);
    const MapsOf maps = [this](const PictureArea& area) { return maps_of(area); };
    if (result_.tile_side > 0) {
      result_.picture = paint_tiles(painter_, picture, codes(), maps, options_.controls,
                                    static_cast<int>(result_.tile_side), progress, cancellation);
      return;
    }
    const PaintCodes style{
        .codes = codes(),
        .maps = maps_of({.x = 0, .y = 0, .width = size_.width, .height = size_.height})};
    result_.picture = to_image(painter_.paint(to_tensor(picture), style, options_.controls).cpu());
  }

  void finish() {
    if (options_.original_colours == OriginalColours::luminance)
      result_.picture = with_colours_of(result_.picture,
                                        resize(without_alpha(content_), size_.width, size_.height));
    if (content_.has_alpha()) result_.picture = with_alpha_of(result_.picture, content_);
  }

  struct Region {
    at::Tensor code;
    at::Tensor map;  ///< [H, W]
  };

  const OnePassPainter& painter_;
  const Image& content_;
  const std::vector<OnePassStyle>& styles_;
  const OnePassOptions& options_;
  Size size_;
  std::int64_t for_pass_ = 0;  ///< bytes that a pass may take
  std::vector<Region> regions_;
  at::Tensor mixed_;  ///< of the styles without a region; undefined: there are none
  OnePassResult result_;
};

}  // namespace

at::Tensor style_code(const OnePassPainter& painter, const Image& content,
                      const OnePassStyle& style, const OnePassOptions& options) {
  const std::vector<OnePassStyle> styles = {style};
  check(styles, content, options);
  Progress silent;
  return OnePass(painter, content, styles, options).code_of(style, silent, nullptr);
}

OnePassResult paint_in_one_pass(const OnePassPainter& painter, const Image& content,
                                const std::vector<OnePassStyle>& styles,
                                const OnePassOptions& options, Progress& progress,
                                const Cancellation* cancellation) {
  check(styles, content, options);
  return OnePass(painter, content, styles, options).run(progress, cancellation);
}

}  // namespace likeness
