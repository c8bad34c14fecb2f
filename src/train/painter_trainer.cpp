#include "train/painter_trainer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/image/tensor.h>
#include <likeness/model/network.h>
#include <likeness/style/one_pass_painter.h>
#include <torch/types.h>

#include "train/painter_start.h"
#include "train/seeds.h"

namespace likeness {
namespace {

constexpr std::int64_t kHeldOutPairs = 32;
constexpr std::int64_t kPreviewSide = 5;

/// Held-out pair i: contents and styles run through their pictures at different paces.
const Image& at_pace(const std::vector<Image>& pictures, std::int64_t i, std::int64_t pace) {
  return pictures[static_cast<std::size_t>(i * pace) % pictures.size()];
}

}  // namespace

PainterTrainer::PainterTrainer(const PainterTrainingOptions& options,
                               const PainterPictures& pictures, const PerceptualNetwork& network,
                               const TensorMap& start)
    : options_(options), pictures_(pictures), judge_(network) {
  const bool fixed = !pictures_.fixed.empty();
  if (fixed)
    styles_ = std::make_unique<FixedStyles>(options_, judge_, pictures_.fixed);
  else
    styles_ = std::make_unique<StyleCrops>(options_, judge_, pictures_.paintings().training,
                                           pictures_.contents.training);
  learner_ = PainterLearner(painter_options(start), network.layers().tap_widths,
                            static_cast<std::int64_t>(pictures_.fixed.size()));
  start_from(start);
  learner_->to(options_.device);
  parameters_.emplace(*learner_, PainterLearnerImpl::rate_of);
  optimiser_.emplace(*parameters_, OptimiserOptions{.weight_decay = 0, .beta2 = 0.99});
  gradients_.emplace(options_, judge_, learner_, *parameters_, network.layers().tap_widths);
  average_ = parameters_->state().clone();
  hold_out();
}

void PainterTrainer::start_from(const TensorMap& start) {
  const torch::NoGradGuard no_gradients;
  learner_->painter->initialise(derived_seed(options_.seed, SeedStream::weights));
  learner_->coherence->initialise(derived_seed(options_.seed, SeedStream::weights, 1));
  if (!start.empty()) load_start(*learner_->painter, start);
  learner_->train();
  if (!learner_->codes.defined()) return;
  const auto& fixed = dynamic_cast<const FixedStyles&>(*styles_);
  for (std::size_t i = 0; i < fixed.pictures().size(); ++i)
    learner_->codes[static_cast<std::int64_t>(i)].copy_(
        learner_->painter->code(learner_->painter->encode(fixed.pictures()[i]))[0]);
}

void PainterTrainer::hold_out() {
  Random random(derived_seed(options_.seed, SeedStream::held_out));
  const auto& contents = pictures_.contents.held_out;
  const auto& styles = pictures_.paintings().held_out;
  std::vector<at::Tensor> content_crops;
  std::vector<at::Tensor> style_crops;
  for (std::int64_t i = 0; i < kHeldOutPairs; ++i) {
    content_crops.push_back(painter_crop(at_pace(contents, i, 5), options_.crop, random));
    style_crops.push_back(painter_crop(at_pace(styles, i, 3), options_.crop, random));
  }
  held_out_contents_ =
      at::cat(content_crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device);
  if (!pictures_.fixed.empty()) {
    held_out_styles_ = styles_->choose(kHeldOutPairs, random);
    return;
  }
  const torch::NoGradGuard no_gradients;
  held_out_styles_.pictures =
      at::cat(style_crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device);
  for (const auto& taps : by_picture(judge_.taps(held_out_styles_.pictures)))
    held_out_styles_.statistics.push_back(judge_.statistics(taps));
  held_out_styles_.views.assign(kHeldOutPairs, View::plain);
}

at::Tensor PainterTrainer::contents(std::int64_t count, Random& random) const {
  const auto& pictures = pictures_.contents.training;
  std::vector<at::Tensor> crops;
  for (std::int64_t i = 0; i < count; ++i)
    crops.push_back(painter_crop(pictures[random.below(pictures.size())], options_.crop, random));
  return at::cat(crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device);
}

PainterStep PainterTrainer::learn() {
  const Timer timer;
  Random random(derived_seed(options_.seed, SeedStream::pairs, static_cast<std::uint64_t>(step_)));
  const at::Tensor crops = contents(options_.batch, random);
  PainterStep step = gradients_->learn(crops, styles_->choose(options_.batch, random), random);
  step.step = step_ + 1;
  step.length = clip_gradients(*parameters_, options_.clip);
  if (!std::isfinite(step.loss) || !std::isfinite(step.length))
    throw Error(ErrorCode::diverged,
                "step " + std::to_string(step.step) + ": the loss is " + std::to_string(step.loss) +
                    ", its gradient's length " + std::to_string(step.length) +
                    "; the last checkpoint is good: try a lower --learning-rate in a new run");
  step.learning_rate = learning_rate_at(
      {.highest = options_.learning_rate, .warm_up = options_.warm_up, .steps = options_.steps},
      step_);
  optimiser_->step(step.learning_rate);
  update_average(average_, *parameters_, options_.average, step_);
  ++step_;
  step.seconds = timer.seconds();
  seconds_ += step.seconds;
  return step;
}

PainterMeasures PainterTrainer::measure() {
  const torch::NoGradGuard no_gradients;
  const BorrowedState average(*parameters_, average_);
  net::PainterImpl& painter = *learner_->painter;
  PainterMeasures measures{.step = step_};
  for (std::int64_t i = 0; i < kHeldOutPairs; ++i) {
    const at::Tensor content = picture_of(held_out_contents_, i);
    const PictureStatistics& style = held_out_styles_.statistics[static_cast<std::size_t>(i)];
    const std::vector<View> view = {held_out_styles_.views[static_cast<std::size_t>(i)]};
    StyleBatch one{.pictures = {}, .numbers = {}, .statistics = {style}, .views = view};
    if (learner_->codes.defined())
      one.numbers = held_out_styles_.numbers.narrow(0, i, 1);
    else
      one.pictures = picture_of(held_out_styles_.pictures, i);
    const net::PainterFeatures encoded = painter.encode(content);
    const at::Tensor painted = painter.decode(encoded, {.codes = learner_->codes_of(one)});
    const auto of_content = judge_.taps(seen_in(view, content));
    const auto of_painted = judge_.taps(seen_in(view, painted));
    const PaintingCosts costs =
        judge_.costs(of_painted, judge_.statistics(of_painted), of_content.back(), style);
    const PaintingCosts unchanged = judge_.unchanged(judge_.statistics(of_content), style);
    double style_cost = 0;
    double style_unchanged = 0;
    for (std::size_t tap = 0; tap < kPaintedTaps; ++tap) {
      style_cost += costs.style[tap].item<double>();
      style_unchanged += unchanged.style[tap].item<double>();
      measures.statistics += costs.statistics[tap].item<double>() / kHeldOutPairs;
    }
    measures.content +=
        (costs.content / unchanged.content.clamp_min(1e-8)).item<double>() / kHeldOutPairs;
    measures.style += style_cost / std::max(style_unchanged, 1e-12) / kHeldOutPairs;
    measures.identity += (painter.decode(encoded, {.codes = painter.code(encoded)}) - content)
                             .square()
                             .mean()
                             .item<double>() /
                         kHeldOutPairs;
  }
  return measures;
}

Image PainterTrainer::preview() {
  const torch::NoGradGuard no_gradients;
  const BorrowedState average(*parameters_, average_);
  net::PainterImpl& painter = *learner_->painter;
  const auto style_of = [&](std::int64_t i) {
    if (!learner_->codes.defined()) return picture_of(held_out_styles_.pictures, i);
    const auto& fixed = dynamic_cast<const FixedStyles&>(*styles_);
    const auto& picture = fixed.pictures()[static_cast<std::size_t>(i) % fixed.pictures().size()];
    return at::adaptive_avg_pool2d(picture, {options_.crop, options_.crop});
  };
  const auto code_of = [&](std::int64_t i) {
    if (!learner_->codes.defined()) return painter.code(painter.encode(style_of(i)));
    return learner_->codes.narrow(0, i % learner_->codes.size(0), 1);
  };
  std::vector<at::Tensor> rows;
  for (std::int64_t r = -1; r < kPreviewSide; ++r) {
    std::vector<at::Tensor> row = {r < 0 ? at::ones_like(picture_of(held_out_contents_, 0))
                                         : picture_of(held_out_contents_, r)};
    for (std::int64_t c = 0; c < kPreviewSide; ++c)
      row.push_back(r < 0 ? style_of(c)
                          : painter.decode(painter.encode(picture_of(held_out_contents_, r)),
                                           {.codes = code_of(c)}));
    rows.push_back(at::cat(row, 3));
  }
  return to_image(at::cat(rows, 2));
}

std::int64_t PainterTrainer::parameters() const {
  std::int64_t count = 0;
  for (const at::Tensor& parameter : learner_->painter->parameters()) count += parameter.numel();
  return count + (learner_->codes.defined() ? learner_->codes.numel() : 0);
}

TensorMap PainterTrainer::exported() {
  const BorrowedState average(*parameters_, average_);
  TensorMap tensors;
  for (const auto& item : learner_->painter->named_parameters())
    tensors[item.key()] = item.value().detach().to(at::kCPU).clone();
  if (learner_->codes.defined()) tensors["codes"] = learner_->codes.detach().to(at::kCPU).clone();
  return tensors;
}

void PainterTrainer::save(Checkpoint& checkpoint) const {
  checkpoint.state["step"] = std::to_string(step_);
  checkpoint.state["milliseconds"] = std::to_string(std::llround(seconds_ * 1000));
  checkpoint.add("network/", parameters_->named(parameters_->state()));
  checkpoint.add("average/", parameters_->named(average_));
  checkpoint.add("optimiser/", optimiser_->state());
}

void PainterTrainer::restore(const Checkpoint& checkpoint) {
  const torch::NoGradGuard no_gradients;
  step_ = checkpoint.number("step");
  seconds_ = static_cast<double>(checkpoint.number("milliseconds")) / 1000;
  parameters_->assign(parameters_->state(), checkpoint.below("network/"));
  parameters_->assign(average_, checkpoint.below("average/"));
  optimiser_->restore(checkpoint.below("optimiser/"));
}

}  // namespace likeness
