#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/image/transform.h>
#include <likeness/style/colour.h>
#include <likeness/style/memory.h>
#include <likeness/style/stylise.h>

#include "style/canvas.h"
#include "style/painting_checks.h"
#include "style/painting_state.h"
#include "style/resized.h"
#include "style/target_cache.h"

namespace likeness {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// The share of all iterations, and of the time, that sizes below the final one may take together.
constexpr double kCoarseShare = 0.4;
/// A size is done when so many iterations together gain less than as many times the tolerance.
constexpr std::size_t kWindow = 10;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Iterations at each size: the coarse ones share theirs equally.
std::vector<int> iterations_of(std::size_t levels, int total) {
  std::vector<int> counts(levels, 0);
  if (levels == 1) return {total};
  const auto coarse = static_cast<int>(std::lround(kCoarseShare * total));
  for (std::size_t i = 0; i + 1 < levels; ++i) counts[i] = coarse / static_cast<int>(levels - 1);
  counts.back() = total;
  for (std::size_t i = 0; i + 1 < levels; ++i) counts.back() -= counts[i];
  return counts;
}

/// One call of stylise().
class Painting {
 public:
  Painting(const PerceptualNetwork& network, const Image& content,
           const std::vector<StyleSource>& styles, const StyliseOptions& options)
      : network_(network),
        content_(content),
        styles_(styles),
        options_(options),
        last_(options.weights.last_tap()),
        cache_(options.cache) {
    check_weights(options.weights, network);
    const PaintingSize size = painting_size(content, options.size);
    final_ = {.width = size.width, .height = size.height};
    sizes_ = level_sizes(final_, options.coarsest, last_);
    if (options_.original_colours == OriginalColours::match)
      for (StyleSource& style : styles_) style.picture = match_colours(style.picture, content);
    plan_memory();
  }

  StyliseResult run(Progress& progress, const Cancellation* cancellation) {
    start_ = Clock::now();
    state_written_ = start_;
    begin();
    progress.note(memory_text());
    const std::vector<int> counts = iterations_of(sizes_.size(), options_.iterations);
    progress.begin(
        "Painting " + std::to_string(final_.width) + " x " + std::to_string(final_.height),
        options_.iterations);
    planned_before_ = 0;
    for (std::size_t i = 0; i < level_; ++i) planned_before_ += counts[i];
    while (true) {
      enter_level();
      paint_level(counts[level_], progress, cancellation);
      if (result_.cancelled || level_ + 1 == sizes_.size()) break;
      planned_before_ += counts[level_++];
      level_iterations_ = 0;
    }
    progress.end();
    finish();
    result_.seconds = earlier_seconds_ + seconds_since(start_);
    keep_or_remove_state();
    return std::move(result_);
  }

 private:
  /// Chooses tiles, and lets L-BFGS remember less where its pictures would take more than a third.
  void plan_memory() {
    const auto free = static_cast<double>(available_memory());
    limit_ = options_.memory > 0 ? options_.memory
             : free > 0          ? static_cast<std::int64_t>(0.7 * free)
                                 : std::int64_t{4} << 30;
    const Size size = canvas_size(final_, last_);
    PictureOptimiserOptions optimiser = options_.optimiser;
    constexpr int kFewest = 5;
    constexpr std::int64_t kPixel = 2 * 3 * sizeof(float);  // of a step and a gradient difference
    while (optimiser.history > kFewest &&
           optimiser.history * kPixel * size.width * size.height > limit_ / 3)
      optimiser.history = std::max(kFewest, optimiser.history / 2);
    optimiser_ = make_picture_optimiser(optimiser);
    pictures_ = optimiser.method == PictureMethod::lbfgs ? 2 * optimiser.history : 3;
    const MemoryNeed need = need_of(final_);
    result_.memory_need = need.bytes;
    result_.tile_side = need.tile_side;
  }

  MemoryNeed need_of(Size size) const {
    const Size whole = canvas_size(size, last_);
    return choose_tiles(network_, options_.weights, whole.height, whole.width, pictures_, limit_);
  }

  std::string memory_text() const {
    return std::to_string(final_.width) + " x " + std::to_string(final_.height) +
           " pixels take about " + std::to_string(result_.memory_need / 1'000'000) +
           " MB of memory" +
           (result_.tile_side > 0 ? ", in tiles of " + std::to_string(result_.tile_side) + " pixels"
                                  : std::string());
  }

  /// What a state must agree with.
  std::map<std::string, std::string> identity() const {
    return painting_identity(network_, content_, styles_, options_);
  }

  /// The first picture, or where an earlier call stopped.
  void begin() {
    if (options_.resume) {
      PaintingState state = read_painting(options_.state, identity());
      if (state.level >= sizes_.size())
        throw Error(ErrorCode::corrupt_file, options_.state.string() + ": no such size");
      level_ = state.level;
      level_iterations_ = state.level_iterations;
      result_.iterations = state.iterations;
      earlier_seconds_ = state.seconds;
      picture_ = state.tensors.at("picture");
      const Size size = canvas_size(sizes_[level_], last_);
      if (picture_.sizes() != at::IntArrayRef({1, 3, size.height, size.width}))
        throw Error(ErrorCode::corrupt_file,
                    options_.state.string() + ": a picture of another size");
      picture_ = picture_.to(network_.device()).contiguous(at::MemoryFormat::ChannelsLast);
      optimiser_->restore(state.tensors);
      resumed_ = true;
      return;
    }
    const Size size = sizes_.front();
    if (options_.start == StyleStart::noise) {
      auto generator = at::make_generator<at::CPUGeneratorImpl>(options_.seed);
      const Size whole = canvas_size(size, last_);
      picture_ = at::rand({1, 3, whole.height, whole.width}, generator)
                     .to(network_.device())
                     .contiguous(at::MemoryFormat::ChannelsLast);
    } else {
      const bool own = options_.start == StyleStart::picture;
      picture_ = canvas(own ? options_.start_picture : content_, size, last_, network_.device());
    }
  }

  /// Content, styles and picture at the next size.
  void enter_level() {
    const Size size = sizes_[level_];
    const Size whole = canvas_size(size, last_);
    std::vector<StylePart> parts;
    for (const StyleSource& style : styles_) parts.push_back(part_at(style, size));
    objective_.reset();  // its memory is free before the next one takes some
    objective_ = std::make_unique<StyleObjective>(
        network_, canvas(content_, size, last_, network_.device()), std::move(parts),
        options_.weights, TileOptions{.side = need_of(size).tile_side});
    if (resumed_) {
      resumed_ = false;
      return;
    }
    if (picture_.size(2) != whole.height || picture_.size(3) != whole.width) {
      picture_ = resized(optimiser_->result(picture_), whole.height, whole.width).clamp_(0, 1);
      optimiser_->resize(whole.height, whole.width);
    }
  }

  StylePart part_at(const StyleSource& style, Size size) const {
    const Size own = {style.picture.width(), style.picture.height()};
    const int longest =
        std::max(1, static_cast<int>(std::lround(options_.style_scale * size.longest())));
    const Size scaled = scaled_size(own, longest);
    const auto device = network_.device();
    StylePart part;
    part.share = style.share;
    at::Tensor mask;
    if (!style.mask.empty()) mask = mask_canvas(style.mask, scaled, last_, device);
    if (!style.region.empty()) part.mask = mask_canvas(style.region, size, last_, device);
    part.target = cache_.target(network_, canvas(style.picture, scaled, last_, device), mask,
                                options_.weights, options_.seed);
    return part;
  }

  void paint_level(int count, Progress& progress, const Cancellation* cancellation) {
    const Clock::time_point level_start = Clock::now();
    const bool final_level = level_ + 1 == sizes_.size();
    const double deadline =
        options_.time_budget * (final_level ? 1
                                            : kCoarseShare * static_cast<double>(level_ + 1) /
                                                  static_cast<double>(sizes_.size() - 1));
    Costs costs;
    const PictureCost cost = [this, &costs](const at::Tensor& picture) {
      CostGradient here;
      costs = objective_->evaluate(picture, &here.gradient);
      here.value = costs.total;
      return here;
    };
    StyleLevel level{.width = sizes_[level_].width, .height = sizes_[level_].height};
    std::deque<double> values;
    while (level_iterations_ < count) {
      if (cancellation != nullptr && cancellation->requested()) {
        result_.cancelled = true;
        break;
      }
      if (options_.time_budget > 0 && seconds_since(start_) >= deadline) break;
      const PictureStep step = optimiser_->step(picture_, cost);
      ++level_iterations_;
      ++level.iterations;
      ++result_.iterations;
      level.cost = step.value;
      // The last picture that was tried need not be the one that was taken.
      if (options_.on_step && costs.total == step.value)
        options_.on_step(costs, result_.iterations);
      keep_state_on_the_way();
      progress.update(planned_before_ + level_iterations_);
      show_preview();
      level.converged = !step.moved || has_converged(values, step.value);
      if (level.converged) break;
    }
    level.seconds = seconds_since(level_start);
    result_.levels.push_back(level);
  }

  bool has_converged(std::deque<double>& values, double value) const {
    values.push_back(value);
    if (values.size() <= kWindow) return false;
    const double before = values.front();
    values.pop_front();
    return options_.tolerance > 0 &&
           before - value < options_.tolerance * static_cast<double>(kWindow) * std::abs(before);
  }

  void show_preview() const {
    if (options_.preview_every <= 0 || !options_.preview ||
        result_.iterations % options_.preview_every != 0)
      return;
    options_.preview(from_canvas(optimiser_->result(picture_), sizes_[level_]), result_.iterations);
  }

  /// The picture in 8 bits, its costs, the content's alpha and colours.
  void finish() {
    const Size whole = canvas_size(final_, last_);
    const at::Tensor picture =
        resized(optimiser_->result(picture_), whole.height, whole.width).clamp_(0, 1);
    result_.picture = from_canvas(picture, final_);
    if (level_ + 1 == sizes_.size())
      result_.costs = objective_->evaluate(at::round(picture * 255) / 255);
    if (options_.original_colours == OriginalColours::luminance)
      result_.picture = with_colours_of(
          result_.picture, resize(without_alpha(content_), final_.width, final_.height));
    if (content_.has_alpha()) result_.picture = with_alpha_of(result_.picture, content_);
  }

  void keep_or_remove_state() const {
    if (options_.state.empty()) return;
    if (result_.cancelled) {
      write_state();
      return;
    }
    std::error_code ignored;
    fs::remove(options_.state, ignored);
  }

  void keep_state_on_the_way() {
    constexpr double kLargestShare = 0.05;
    if (options_.state.empty() || options_.state_every <= 0) return;
    const double pause = std::max(options_.state_every, state_seconds_ / kLargestShare);
    if (seconds_since(state_written_) < pause) return;
    const Clock::time_point begin = Clock::now();
    write_state();
    state_seconds_ = seconds_since(begin);
    state_written_ = Clock::now();
  }

  void write_state() const {
    PaintingState state{.painting = identity(),
                        .level = level_,
                        .level_iterations = level_iterations_,
                        .iterations = result_.iterations,
                        .seconds = earlier_seconds_ + seconds_since(start_),
                        .tensors = optimiser_->state()};
    state.tensors["picture"] = picture_;
    write_painting(options_.state, state);
  }

  const PerceptualNetwork& network_;
  const Image& content_;
  std::vector<StyleSource> styles_;
  const StyliseOptions& options_;
  net::Tap last_;
  TargetCache cache_;
  Size final_;
  std::vector<Size> sizes_;

  std::int64_t limit_ = 0;  ///< bytes that may be used
  int pictures_ = 0;        ///< that the optimiser keeps
  std::unique_ptr<PictureOptimiser> optimiser_;
  std::unique_ptr<StyleObjective> objective_;
  at::Tensor picture_;
  std::size_t level_ = 0;
  int level_iterations_ = 0;
  int planned_before_ = 0;
  double earlier_seconds_ = 0;
  Clock::time_point start_;
  Clock::time_point state_written_;
  double state_seconds_ = 0;  ///< that the last one took
  bool resumed_ = false;
  StyliseResult result_;
};

}  // namespace

PaintingSize painting_size(const Image& content, int size) {
  constexpr int kDefault = 512;
  const Size own = {.width = content.width(), .height = content.height()};
  const Size scaled = scaled_size(own, size > 0 ? size : std::min(kDefault, own.longest()));
  return {.width = scaled.width, .height = scaled.height};
}

StyliseResult stylise(const PerceptualNetwork& network, const Image& content,
                      const std::vector<StyleSource>& styles, const StyliseOptions& options,
                      Progress& progress, const Cancellation* cancellation) {
  check_painting(content, styles, options);
  Painting painting(network, content, with_even_shares(styles), options);
  return painting.run(progress, cancellation);
}

}  // namespace likeness
