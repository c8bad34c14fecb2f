#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/core/timer.h>
#include <likeness/image/transform.h>
#include <likeness/style/colour.h>
#include <likeness/style/memory.h>
#include <likeness/style/stylise.h>

#include "style/canvas.h"
#include "style/pace.h"
#include "style/painting_aims.h"
#include "style/painting_checks.h"
#include "style/painting_memory.h"
#include "style/painting_start.h"
#include "style/painting_state.h"
#include "style/stages.h"
#include "style/viewed_objective.h"

namespace likeness {
namespace {

/// Under a network that stands for another, what pleases it alone is worth nothing: as many as
/// stages_of() finds fit.
std::optional<std::size_t> views_under(const PerceptualNetwork& network, net::Tap last) {
  if (network.lift(last).is_identity()) return 1;
  return {};
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
        begin_with_(content_, options_, last_, network.device()),
        aims_(network, content, styles_, options),
        state_(options.state, options.state_every, [this] { return state(); }) {
    check_weights(options.weights, network);
    const PaintingSize size = painting_size(content, options.size);
    final_ = {.width = size.width, .height = size.height};
    stages_ = stages_of(level_sizes(final_, options.coarsest, last_),
                        {.iterations = options.iterations,
                         .views = options.views ? options.views : views_under(network, last_),
                         .from_picture = options.start == StyleStart::picture});
    if (options_.original_colours == OriginalColours::match)
      for (StyleSource& style : styles_) style.picture = match_colours(style.picture, content);
    plan_memory();
  }

  StyliseResult run(Progress& progress, const Cancellation* cancellation) {
    timer_ = {};
    begin();
    progress.note(memory_text(final_, result_.memory_need, result_.tile_side));
    progress.begin(
        "Painting " + std::to_string(final_.width) + " x " + std::to_string(final_.height),
        options_.iterations);
    planned_before_ = 0;
    for (std::size_t i = 0; i < stage_; ++i) planned_before_ += stages_[i].iterations;
    if (resumed_) progress.resume(planned_before_ + stage_iterations_);
    while (true) {
      enter_stage();
      paint_stage(progress, cancellation);
      if (result_.cancelled || stage_ + 1 == stages_.size()) break;
      planned_before_ += stages_[stage_++].iterations;
      stage_iterations_ = 0;
    }
    progress.end();
    finish();
    result_.seconds = earlier_seconds_ + timer_.seconds();
    state_.at_end(result_.cancelled);
    return std::move(result_);
  }

 private:
  void plan_memory() {
    plan_ = painting_memory(options_.memory, options_.optimiser, canvas_size(final_, last_));
    optimiser_ = make_picture_optimiser(plan_.optimiser);
    const MemoryNeed need = need_of(stages_.back());
    result_.memory_need = need.bytes;
    result_.tile_side = need.tile_side;
  }

  MemoryNeed need_of(const Stage& stage) const {
    const Size whole = canvas_size(stage.size, last_);
    return choose_tiles(network_, options_.weights, whole.height, whole.width, plan_.pictures,
                        static_cast<int>(stage.views), plan_.limit);
  }

  /// What a state must agree with.
  std::map<std::string, std::string> identity() const {
    return painting_identity(network_, content_, styles_, options_);
  }

  /// The first picture, or where an earlier call stopped.
  void begin() {
    if (options_.resume) {
      PaintingState state = read_painting(options_.state, identity());
      if (state.stage >= stages_.size())
        throw Error(ErrorCode::corrupt_file, options_.state.string() + ": no such stage");
      stage_ = state.stage;
      stage_iterations_ = state.stage_iterations;
      result_.iterations = state.iterations;
      earlier_seconds_ = state.seconds;
      picture_ = state.tensors.at("picture");
      const Size size = canvas_size(stages_[stage_].size, last_);
      if (picture_.sizes() != at::IntArrayRef({1, 3, size.height, size.width}))
        throw Error(ErrorCode::corrupt_file,
                    options_.state.string() + ": a picture of another size");
      picture_ = picture_.to(network_.device()).contiguous(at::MemoryFormat::ChannelsLast);
      optimiser_->restore(state.tensors);
      resumed_ = true;
      return;
    }
    picture_ = begin_with_.at(stages_.front().size);
  }

  /// Content, styles and picture at the next size, in its views.
  void enter_stage() {
    const Stage& stage = stages_[stage_];
    const Size whole = canvas_size(stage.size, last_);
    const std::int64_t tile_side = need_of(stage).tile_side;
    const bool more_views =
        objective_.size() > 0 && tile_side == tile_side_ && stage.size == stages_[stage_ - 1].size;
    if (!more_views) objective_ = {};  // its memory is free before the next one takes some
    tile_side_ = tile_side;
    for (std::size_t i = objective_.size(); i < stage.views; ++i)
      objective_.add(kViews.at(i), aims_.at(stage.size, kViews.at(i), tile_side));
    if (resumed_) {
      resumed_ = false;
      return;
    }
    if (picture_.size(2) != whole.height || picture_.size(3) != whole.width) {
      picture_ =
          begin_with_.grown(optimiser_->result(picture_), stages_[stage_ - 1].size, stage.size);
      optimiser_->resize(whole.height, whole.width);
    } else if (stage_ > 0) {
      const CostGradient last = optimiser_->new_cost();
      if (more_views && last.gradient.defined() && last.value == costs_.total)
        objective_.knows(picture_, costs_, last.gradient);
    }
  }

  void paint_stage(Progress& progress, const Cancellation* cancellation) {
    const Timer stage_timer;
    const Stage& stage = stages_[stage_];
    const double deadline = options_.time_budget * stage.until;
    const PictureCost cost = [this](const at::Tensor& picture) {
      CostGradient here;
      costs_ = objective_.evaluate(picture, &here.gradient);
      here.value = costs_.total;
      return here;
    };
    const PictureValue value = [this](const at::Tensor& picture) {
      costs_ = objective_.evaluate(picture);
      return costs_.total;
    };
    StyleLevel level{.width = stage.size.width,
                     .height = stage.size.height,
                     .views = static_cast<int>(stage.views)};
    Standstill standstill(options_.tolerance);
    while (stage_iterations_ < stage.iterations) {
      if (cancellation != nullptr && cancellation->requested()) {
        result_.cancelled = true;
        break;
      }
      const Timer step_timer;
      if (options_.time_budget > 0 &&
          timer_.seconds() + pace_.seconds_for_step(stage, level.iterations == 0) >= deadline)
        break;
      const int looks = objective_.looks();
      const bool last = stage_ + 1 == stages_.size() && stage_iterations_ + 1 == stage.iterations;
      const PictureStep step =
          last ? optimiser_->last_step(picture_, cost, value) : optimiser_->step(picture_, cost);
      ++stage_iterations_;
      pace_.note(stage, objective_.looks() - looks, step_timer.seconds());
      ++level.iterations;
      ++result_.iterations;
      level.cost = step.value;
      // The last picture that was tried need not be the one that was taken.
      if (options_.on_step && costs_.total == step.value)
        options_.on_step(costs_, result_.iterations);
      state_.on_the_way();
      progress.update(planned_before_ + stage_iterations_);
      show_preview();
      level.converged = !step.moved || standstill.reached_at(step.value);
      if (level.converged) break;
    }
    level.seconds = stage_timer.seconds();
    result_.levels.push_back(level);
  }

  void show_preview() const {
    if (options_.preview_every <= 0 || !options_.preview ||
        result_.iterations % options_.preview_every != 0)
      return;
    options_.preview(from_canvas(optimiser_->result(picture_), stages_[stage_].size),
                     result_.iterations);
  }

  /// The picture in 8 bits, its costs, the content's alpha and colours.
  void finish() {
    const at::Tensor picture =
        begin_with_.grown(optimiser_->result(picture_), stages_[stage_].size, final_);
    result_.picture = from_canvas(picture, final_);
    if (stages_[stage_].size == final_)
      result_.costs = objective_.first(at::round(picture * 255) / 255);
    if (options_.original_colours == OriginalColours::luminance)
      result_.picture = with_colours_of(
          result_.picture, resize(without_alpha(content_), final_.width, final_.height));
    if (content_.has_alpha()) result_.picture = with_alpha_of(result_.picture, content_);
  }

  PaintingState state() const {
    PaintingState state{.painting = identity(),
                        .stage = stage_,
                        .stage_iterations = stage_iterations_,
                        .iterations = result_.iterations,
                        .seconds = earlier_seconds_ + timer_.seconds(),
                        .tensors = optimiser_->state()};
    state.tensors["picture"] = picture_;
    return state;
  }

  const PerceptualNetwork& network_;
  const Image& content_;
  std::vector<StyleSource> styles_;
  const StyliseOptions& options_;
  net::Tap last_;
  PaintingStart begin_with_;
  PaintingAims aims_;
  StateKeeper state_;
  Size final_;
  std::vector<Stage> stages_;

  PaintingMemory plan_;
  std::unique_ptr<PictureOptimiser> optimiser_;
  ViewedObjective objective_;
  std::int64_t tile_side_ = 0;  ///< of its tiles
  Costs costs_;                 ///< of the last picture that was tried
  at::Tensor picture_;
  std::size_t stage_ = 0;
  int stage_iterations_ = 0;
  int planned_before_ = 0;
  Pace pace_;
  double earlier_seconds_ = 0;
  Timer timer_;
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
