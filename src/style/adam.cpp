#include "style/adam.h"

#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/text.h>

#include "style/resized.h"

namespace likeness {

PictureStep Adam::step(at::Tensor& picture, const PictureCost& cost) {
  constexpr double kEpsilon = 1e-12;
  const CostGradient here = cost(picture);
  if (!std::isfinite(here.value) || !at::isfinite(here.gradient.sum()).item<bool>())
    throw Error(ErrorCode::diverged,
                "the cost of the picture is not a finite number (" + number_text(here.value) + ")");
  if (!first_.defined()) {
    first_ = at::zeros_like(picture);
    second_ = at::zeros_like(picture);
    average_ = at::zeros_like(picture);
  }
  ++steps_;
  first_.mul_(options_.beta1).add_(here.gradient, 1 - options_.beta1);
  second_.mul_(options_.beta2).addcmul_(here.gradient, here.gradient, 1 - options_.beta2);
  const auto steps = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, steps);
  const double correction2 = 1 - std::pow(options_.beta2, steps);
  const at::Tensor scale = (second_ / correction2).sqrt_().add_(kEpsilon);
  picture = at::addcdiv(picture, first_, scale, -options_.learning_rate / correction1).clamp_(0, 1);
  average_.mul_(options_.average).add_(picture, 1 - options_.average);
  weight_ = weight_ * options_.average + 1 - options_.average;
  return {.value = here.value, .moved = true};
}

at::Tensor Adam::result(const at::Tensor& picture) const {
  return weight_ > 0 ? (average_ / weight_).clamp_(0, 1) : picture;
}

void Adam::resize(std::int64_t height, std::int64_t width) {
  if (!first_.defined()) return;
  const double share =
      static_cast<double>(first_.size(2) * first_.size(3)) / static_cast<double>(height * width);
  first_ = resized(first_, height, width).mul_(share);
  second_ = resized(second_, height, width).clamp_min_(0).mul_(share * share);
  // The average starts anew: the picture was sharpened by the new size.
  average_ = at::zeros_like(first_);
  weight_ = 0;
}

TensorMap Adam::state() const {
  TensorMap state;
  state["adam.steps"] = at::tensor(steps_);
  if (!first_.defined()) return state;
  state["adam.first"] = first_.clone();
  state["adam.second"] = second_.clone();
  state["adam.average"] = average_.clone();
  state["adam.weight"] = at::tensor(weight_, at::kDouble);
  return state;
}

void Adam::restore(const TensorMap& state) {
  const auto find = [&state](const std::string& name) {
    const auto found = state.find(name);
    if (found == state.end())
      throw Error(ErrorCode::corrupt_file, "no '" + name + "': not the state of Adam");
    return found->second.clone();
  };
  steps_ = find("adam.steps").item<std::int64_t>();
  first_ = second_ = average_ = at::Tensor();
  weight_ = 0;
  if (steps_ == 0) return;
  first_ = find("adam.first");
  second_ = find("adam.second");
  average_ = find("adam.average");
  weight_ = find("adam.weight").item<double>();
}

}  // namespace likeness
