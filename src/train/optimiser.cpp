#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/optimiser.h>
#include <torch/types.h>

namespace likeness {
namespace {

constexpr char kSteps[] = "steps";
constexpr char kFirst[] = "first/";
constexpr char kSecond[] = "second/";

void add_all(TensorMap& target, const std::string& prefix, const TensorMap& tensors) {
  for (const auto& [name, tensor] : tensors) target[prefix + name] = tensor;
}

TensorMap below(const TensorMap& tensors, const std::string& prefix) {
  TensorMap result;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = tensor;
  return result;
}

}  // namespace

std::string_view to_string(Algorithm algorithm) {
  return algorithm == Algorithm::sgd ? "sgd" : "adamw";
}

Algorithm algorithm_from_name(std::string_view name) {
  for (const Algorithm algorithm : {Algorithm::sgd, Algorithm::adamw})
    if (name == to_string(algorithm)) return algorithm;
  throw Error(ErrorCode::invalid_argument,
              "optimiser '" + std::string(name) + "' is not known; use sgd or adamw");
}

Optimiser::Optimiser(const FlatParameters& parameters, const OptimiserOptions& options)
    : parameters_(parameters),
      options_(options),
      first_(at::zeros_like(parameters.gradients())),
      second_(options.algorithm == Algorithm::adamw ? at::zeros_like(first_) : at::Tensor()) {}

void Optimiser::step(double learning_rate) {
  const torch::NoGradGuard no_gradients;
  ++steps_;
  options_.algorithm == Algorithm::sgd ? step_sgd(learning_rate) : step_adamw(learning_rate);
}

void Optimiser::step_sgd(double learning_rate) {
  const at::Tensor values = parameters_.values();
  const at::Tensor gradient =
      at::addcmul(parameters_.gradients(), parameters_.decays(), values, options_.weight_decay);
  first_.mul_(options_.momentum).add_(gradient);
  values.addcmul_(parameters_.rates(), gradient.add(first_, options_.momentum), -learning_rate);
}

void Optimiser::step_adamw(double learning_rate) {
  const at::Tensor values = parameters_.values();
  const at::Tensor& gradient = parameters_.gradients();
  first_.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  second_.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const auto steps = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, steps);
  const double correction2 = 1 - std::pow(options_.beta2, steps);
  const at::Tensor direction =
      first_.div(correction1).div_(second_.div(correction2).sqrt_().add_(options_.epsilon));
  direction.addcmul_(parameters_.decays(), values, options_.weight_decay);
  values.addcmul_(parameters_.rates(), direction, -learning_rate);
}

TensorMap Optimiser::state() const {
  TensorMap state{{kSteps, at::full({}, steps_, at::kLong)}};
  add_all(state, kFirst, parameters_.named(first_));
  if (second_.defined()) add_all(state, kSecond, parameters_.named(second_));
  return state;
}

void Optimiser::restore(const TensorMap& state) {
  const auto steps = state.find(kSteps);
  const bool has_second = !below(state, kSecond).empty();
  if (steps == state.end() || steps->second.scalar_type() != at::kLong ||
      steps->second.numel() != 1 || has_second != second_.defined())
    throw Error(ErrorCode::corrupt_file,
                "it is no state of " + std::string(to_string(options_.algorithm)));
  parameters_.assign(first_, below(state, kFirst));
  if (second_.defined()) parameters_.assign(second_, below(state, kSecond));
  steps_ = steps->second.item<std::int64_t>();
}

double learning_rate_at(const LearningRateSchedule& schedule, std::int64_t step) {
  if (step < schedule.warm_up)
    return schedule.highest * static_cast<double>(step + 1) /
           static_cast<double>(schedule.warm_up + 1);
  const auto length =
      static_cast<double>(std::max<std::int64_t>(1, schedule.steps - schedule.warm_up));
  const double way = std::min(1.0, static_cast<double>(step - schedule.warm_up) / length);
  const double share =
      schedule.last_share + (1 - schedule.last_share) * (1 + std::cos(std::numbers::pi * way)) / 2;
  return schedule.highest * share;
}

double clip_gradients(const FlatParameters& parameters, double limit) {
  const torch::NoGradGuard no_gradients;
  const double length = parameters.gradients().norm().item<double>();
  if (limit > 0 && length > limit && std::isfinite(length))
    parameters.gradients().mul_(limit / length);
  return length;
}

void update_average(const at::Tensor& average, const FlatParameters& parameters, double decay,
                    std::int64_t step) {
  const torch::NoGradGuard no_gradients;
  const auto t = static_cast<double>(step);
  average.lerp_(parameters.state(), 1 - std::min(decay, (1 + t) / (10 + t)));
}

}  // namespace likeness
