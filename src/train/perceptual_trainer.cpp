#include "train/perceptual_trainer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/core/timer.h>
#include <torch/types.h>

#include "train/perceptual_crops.h"
#include "train/perceptual_losses.h"
#include "train/perceptual_measure.h"
#include "train/perceptual_start.h"
#include "train/seeds.h"

namespace likeness {
namespace {

net::Vgg copy_of(const net::Vgg& network, at::ScalarType type) {
  const torch::NoGradGuard no_gradients;
  net::Vgg copy(network->options);
  for (std::size_t i = 0; i < network->weights.size(); ++i) {
    copy->weights[i].copy_(network->weights[i]);
    copy->biases[i].copy_(network->biases[i]);
  }
  copy->to(network->weights[0].device(), type);
  for (torch::Tensor& parameter : copy->parameters()) parameter.requires_grad_(false);
  return copy;
}

PaintingTarget detached(const PaintingTarget& target) {
  PaintingTarget copy{.content = target.content.detach(), .style = {}};
  for (const at::Tensor& grams : target.style) copy.style.push_back(grams.detach());
  return copy;
}

}  // namespace

struct PerceptualTrainer::Losses {
  at::Tensor features;
  at::Tensor grams;
  at::Tensor gradients;
  at::Tensor differences;
  at::Tensor students_gradient;  ///< to the pictures on the way
};

PerceptualTrainer::PerceptualTrainer(const PerceptualTrainingOptions& options,
                                     const PerceptualPictures& pictures, const net::Vgg& teacher,
                                     const TensorMap& start)
    : options_(options),
      pictures_(pictures),
      exact_teacher_(teacher),
      teacher_(copy_of(teacher, options.bf16 ? at::kBFloat16 : at::kFloat)),
      student_(net::VggOptions{.widths = options.widths, .tap_widths = options.tap_widths},
               teacher->options.widths) {
  Random of_held_out(derived_seed(options_.seed, SeedStream::held_out));
  std::vector<at::Tensor> held_out;
  for (const Image& picture : pictures_.held_out)
    held_out.push_back(random_crop(picture, options_.crop, of_held_out));
  held_out_ = at::cat(held_out).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device);

  student_->to(options_.device);
  Random of_start(derived_seed(options_.seed, SeedStream::start));
  start_from_teacher(*student_, *exact_teacher_, crops(options_.start_crops, of_start), start);
  parameters_.emplace(*student_, [](const std::string&) { return 1.0; });
  optimiser_.emplace(*parameters_,
                     OptimiserOptions{.weight_decay = 0, .beta1 = 0.9, .beta2 = 0.99});
  average_ = parameters_->state().clone();
  way_.emplace(
      options_.painted, options_.lifetime, teacher_,
      [this](std::int64_t count, Random& random) { return crops(count, random); }, of_start);
}

at::Tensor PerceptualTrainer::crops(std::int64_t count, Random& random) const {
  return training_crops(pictures_.training, count, options_.crop, random).to(options_.device);
}

at::Tensor PerceptualTrainer::as_activations(const at::Tensor& pictures) const {
  return pictures.to(options_.bf16 ? at::kBFloat16 : at::kFloat);
}

at::Tensor PerceptualTrainer::teachers_gradient(const PicturesChosen& chosen,
                                                std::vector<at::Tensor>& taps) {
  const at::Tensor picture = chosen.generated.detach().clone().requires_grad_();
  taps = teacher_->forward(as_activations(picture));
  const at::Tensor cost = painting_cost(taps, std::vector<Lift>(taps.size()), chosen.of_teacher);
  at::Tensor gradient = painting_gradient(cost, picture, false);
  for (at::Tensor& tap : taps) tap = tap.detach();
  return gradient;
}

PaintingTarget PerceptualTrainer::students_target(const PicturesChosen& chosen,
                                                  const std::vector<Lift>& lifts,
                                                  bool differentiable) {
  const at::AutoGradMode gradients(differentiable);
  PaintingTarget target;
  target.content =
      lifted_rows(student_->forward(as_activations(chosen.content)).back(), lifts.back());
  const auto style = student_->forward(as_activations(chosen.style));
  for (std::size_t i = 0; i < style.size(); ++i)
    target.style.push_back(lifted_grams(style[i], lifts[i]));
  return target;
}

void PerceptualTrainer::paint_on(const std::vector<std::int64_t>& places, std::int64_t moves,
                                 Random& random) {
  const std::vector<Lift> lifts = student_->lifts();
  std::optional<PaintingTarget> target;
  for (std::int64_t i = 0; i < moves; ++i) {
    const PicturesChosen chosen = way_->pictures(places);
    if (!target) target = students_target(chosen, lifts, false);
    const at::Tensor painted = chosen.generated.detach().clone().requires_grad_();
    const at::Tensor cost =
        painting_cost(student_->forward(as_activations(painted)), lifts, *target);
    if (way_->move(chosen, painting_gradient(cost, painted, false), random)) target.reset();
  }
}

PerceptualTrainer::Losses PerceptualTrainer::losses(const at::Tensor& pictures,
                                                    const PicturesChosen& chosen) {
  const bool by_gradient = options_.gradient_weight > 0;
  std::vector<at::Tensor> teachers_way;
  at::Tensor teachers;
  if (by_gradient)
    teachers = teachers_gradient(chosen, teachers_way);
  else
    teachers_way = teacher_->forward(as_activations(chosen.generated));
  const std::vector<Lift> lifts = student_->lifts();
  const at::Tensor painted = chosen.generated.detach().clone().requires_grad_();
  const auto on_the_way = student_->forward(as_activations(painted));
  const PaintingTarget aims = students_target(chosen, lifts, options_.difference_weight > 0);
  Losses losses;
  losses.students_gradient =
      painting_gradient(painting_cost(on_the_way, lifts, detached(aims)), painted, by_gradient);
  losses.gradients =
      by_gradient ? gradient_loss(losses.students_gradient, teachers) : at::zeros({});
  losses.differences =
      options_.difference_weight > 0
          ? difference_loss(on_the_way, lifts, aims, teachers_way, chosen.of_teacher)
          : at::zeros({});

  const at::Tensor input = as_activations(pictures);
  const auto of_teacher = teacher_->forward(input);
  const auto of_student = student_->forward(input);
  losses.features = (feature_loss(of_student, lifts, of_teacher) +
                     feature_loss(on_the_way, lifts, teachers_way)) /
                    2;
  losses.grams =
      (gram_loss(of_student, lifts, of_teacher) + gram_loss(on_the_way, lifts, teachers_way)) / 2;
  return losses;
}

PerceptualStep PerceptualTrainer::learn() {
  const Timer timer;
  Random random(
      derived_seed(options_.seed, SeedStream::augmentation, static_cast<std::uint64_t>(step_)));
  const at::Tensor pictures = crops(options_.batch, random);
  const PicturesChosen chosen = way_->choose(options_.on_the_way, random);
  parameters_->gradients().zero_();
  const Losses parts = losses(pictures, chosen);
  const at::Tensor total =
      options_.feature_weight * parts.features + options_.gram_weight * parts.grams +
      options_.gradient_weight * parts.gradients + options_.difference_weight * parts.differences;
  total.backward();

  PerceptualStep step{.step = step_ + 1,
                      .loss = total.item<double>(),
                      .features = parts.features.item<double>(),
                      .grams = parts.grams.item<double>(),
                      .gradients = parts.gradients.item<double>(),
                      .differences = parts.differences.item<double>(),
                      .length = clip_gradients(*parameters_, options_.clip)};
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
  way_->move(chosen, parts.students_gradient.detach(), random);
  paint_on(chosen.places, options_.moves - 1, random);
  ++step_;
  step.seconds = timer.seconds();
  seconds_ += step.seconds;
  return step;
}

void PerceptualTrainer::fit_lifts() {
  constexpr std::int64_t kBatch = 8;
  constexpr std::int64_t kBatches = 96;
  const torch::NoGradGuard no_gradients;
  Random random(derived_seed(options_.seed, SeedStream::lifts));
  std::vector<at::Tensor> batches;
  for (std::int64_t i = 0; i < kBatches; ++i) {
    std::vector<at::Tensor> crops;
    for (std::int64_t k = 0; k < kBatch; ++k)
      crops.push_back(random_crop(pictures_.training[random.below(pictures_.training.size())],
                                  options_.crop, random));
    batches.push_back(
        at::cat(crops).contiguous(at::MemoryFormat::ChannelsLast).to(options_.device));
  }
  const BorrowedState average(*parameters_, average_);
  likeness::fit_lifts(*student_, *exact_teacher_, batches);
  average_.copy_(parameters_->state());
}

PerceptualMeasures PerceptualTrainer::measure() {
  const BorrowedState average(*parameters_, average_);
  PerceptualMeasures measures = measure_student(*student_, *exact_teacher_, held_out_);
  measures.step = step_;
  return measures;
}

TensorMap PerceptualTrainer::exported() {
  const BorrowedState average(*parameters_, average_);
  return student_->exported();
}

void PerceptualTrainer::save(Checkpoint& checkpoint) const {
  checkpoint.state["step"] = std::to_string(step_);
  checkpoint.state["milliseconds"] = std::to_string(std::llround(seconds_ * 1000));
  checkpoint.add("network/", parameters_->named(parameters_->state()));
  checkpoint.add("average/", parameters_->named(average_));
  checkpoint.add("optimiser/", optimiser_->state());
  checkpoint.add("way/", way_->state());
}

void PerceptualTrainer::restore(const Checkpoint& checkpoint) {
  const torch::NoGradGuard no_gradients;
  step_ = checkpoint.number("step");
  seconds_ = static_cast<double>(checkpoint.number("milliseconds")) / 1000;
  parameters_->assign(parameters_->state(), checkpoint.below("network/"));
  parameters_->assign(average_, checkpoint.below("average/"));
  optimiser_->restore(checkpoint.below("optimiser/"));
  way_->restore(checkpoint.below("way/"));
}

}  // namespace likeness
