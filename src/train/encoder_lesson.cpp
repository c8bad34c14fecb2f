#include "train/encoder_lesson.h"

#include <cmath>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <likeness/net/vgg.h>
#include <torch/types.h>

#include "train/painter_styles.h"
#include "train/seeds.h"

namespace likeness {
namespace {

constexpr double kMissedRidge = 1e-3;
constexpr double kTinyVariance = 1e-12;  ///< plain pictures have none
constexpr std::int64_t kLessonCrops = 48;
constexpr std::int64_t kLessonWarmUp = 50;
/// The pixels are easily told; they must not be all that fine features tell.
constexpr std::array<double, kEncoderTargets> kTargetWeights = {1, 1, 1, 0.5};
constexpr std::array<net::Tap, net::kPainterScales> kLessonTaps = {
    net::Tap::relu2_1, net::Tap::relu3_1, net::Tap::relu4_1};

/// [N, C, H, W] → [N·H·W, C] float32
at::Tensor by_position(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).flatten(0, 2).to(at::kFloat);
}

}  // namespace

at::Tensor missed_share(const at::Tensor& features, const at::Tensor& targets) {
  const auto count = static_cast<double>(features.size(0));
  const at::Tensor x = features - features.mean(0, true);
  const at::Tensor y = targets - targets.mean(0, true);
  const at::Tensor own = at::mm(x.t(), x) / count;
  const at::Tensor both = at::mm(x.t(), y) / count;
  const at::Tensor ridge =
      at::eye(own.size(0), own.options()) * (own.diagonal().mean() * kMissedRidge + kTinyVariance);
  const at::Tensor explained = (both * at::linalg_solve(own + ridge, both)).sum();
  return 1 - explained / (y.square().sum() / count).clamp_min(kTinyVariance);
}

EncoderLesson::EncoderLesson(const PainterTrainingOptions& options, std::int64_t steps,
                             const PainterPictures& pictures, const PaintingJudge& judge,
                             net::PainterEncoder encoder)
    : options_(options),
      steps_(steps),
      pictures_(pictures),
      judge_(judge),
      encoder_(std::move(encoder)),
      parameters_(*encoder_, [](const std::string&) { return 1.0; }),
      optimiser_(parameters_, {.weight_decay = 0, .beta2 = 0.99}) {
  Random random(derived_seed(options_.seed, SeedStream::encoder));
  std::vector<at::Tensor> crops;
  for (std::int64_t i = 0; i < kLessonCrops; ++i) {
    const auto& from = i % 2 == 0 ? pictures_.contents.held_out : pictures_.paintings().held_out;
    crops.push_back(
        painter_crop(from[static_cast<std::size_t>(i / 2) % from.size()], options_.crop, random));
  }
  held_out_ = at::cat(crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device);
}

std::array<at::Tensor, kEncoderTargets> EncoderLesson::missed(const at::Tensor& pictures) {
  std::vector<at::Tensor> seen;
  {
    const torch::NoGradGuard no_gradients;
    seen = judge_.taps(pictures);
  }
  const net::PainterFeatures features = encoder_->forward(pictures);
  std::array<at::Tensor, kEncoderTargets> shares;
  for (std::size_t s = 0; s < kLessonTaps.size(); ++s)
    shares[s] = missed_share(by_position(features[s]),
                             by_position(seen.at(static_cast<std::size_t>(kLessonTaps[s]))));
  shares.back() =
      missed_share(by_position(features[0]),
                   by_position(at::pixel_unshuffle(pictures, net::PainterEncoderImpl::kShuffled)));
  return shares;
}

EncoderStep EncoderLesson::learn() {
  const Timer timer;
  Random random(
      derived_seed(options_.seed, SeedStream::encoder, static_cast<std::uint64_t>(step_ + 1)));
  std::vector<at::Tensor> crops;
  for (std::int64_t i = 0; i < options_.encoder_batch; ++i) {
    const auto& from =
        random.uniform() < 0.5 ? pictures_.contents.training : pictures_.paintings().training;
    crops.push_back(painter_crop(from[random.below(from.size())], options_.crop, random));
  }
  parameters_.gradients().zero_();
  const auto shares =
      missed(at::cat(crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device));
  EncoderStep step{.step = step_ + 1};
  at::Tensor loss = at::zeros({}, shares[0].options());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    loss = loss + kTargetWeights[i] * shares[i];
    step.missed[i] = shares[i].item<double>();
  }
  loss.backward();
  const double length = clip_gradients(parameters_, 0);
  if (!std::isfinite(length))
    throw Error(ErrorCode::diverged, "the encoder's step " + std::to_string(step.step) +
                                         ": its gradient's length is " + std::to_string(length) +
                                         "; the last checkpoint is good: try another --seed");
  step.learning_rate = learning_rate_at(
      {.highest = options_.encoder_learning_rate, .warm_up = kLessonWarmUp, .steps = steps_},
      step_);
  optimiser_.step(step.learning_rate);
  ++step_;
  step.seconds = timer.seconds();
  seconds_ += step.seconds;
  return step;
}

EncoderMeasures EncoderLesson::measure() {
  const torch::NoGradGuard no_gradients;
  EncoderMeasures measures{.step = step_};
  const auto shares = missed(held_out_);
  for (std::size_t i = 0; i < shares.size(); ++i) measures.missed[i] = shares[i].item<double>();
  return measures;
}

void EncoderLesson::finish() {
  encoder_->normalise(held_out_);
}

void EncoderLesson::save(Checkpoint& checkpoint) const {
  checkpoint.state["step"] = std::to_string(step_);
  checkpoint.state["milliseconds"] = std::to_string(std::llround(seconds_ * 1000));
  checkpoint.add("network/", parameters_.named(parameters_.state()));
  checkpoint.add("optimiser/", optimiser_.state());
}

void EncoderLesson::restore(const Checkpoint& checkpoint) {
  const torch::NoGradGuard no_gradients;
  step_ = checkpoint.number("step");
  seconds_ = static_cast<double>(checkpoint.number("milliseconds")) / 1000;
  parameters_.assign(parameters_.state(), checkpoint.below("network/"));
  optimiser_.restore(checkpoint.below("optimiser/"));
}

}  // namespace likeness
