#include "train/perceptual_way.h"

#include <algorithm>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <torch/types.h>

namespace likeness {
namespace {

constexpr double kStepSize = 0.03;
constexpr double kSteadyMoves = 60;  ///< then steps become smaller, as those of a descent do
constexpr double kMomentum = 0.8;
constexpr double kSquares = 0.95;
constexpr double kFromContent = 0.7;  ///< the others start from noise

at::Tensor uniform_like(const at::Tensor& x, Random& random) {
  at::Tensor noise = at::empty(x.sizes(), at::kFloat);
  float* values = noise.data_ptr<float>();
  for (std::int64_t i = 0; i < noise.numel(); ++i) values[i] = static_cast<float>(random.uniform());
  return noise.to(x.device());
}

}  // namespace

PicturesOnTheWay::PicturesOnTheWay(std::int64_t count, std::int64_t lifetime, net::Vgg teacher,
                                   CropSource crops, Random& random)
    : lifetime_(lifetime),
      teacher_(std::move(teacher)),
      crops_(std::move(crops)),
      content_(crops_(count, random)),
      style_(crops_(count, random)),
      ages_(at::zeros({count}, at::kLong)),
      targets_(static_cast<std::size_t>(count)) {
  generated_ = content_.clone();
  momentum_ = at::zeros_like(content_);
  square_ = at::zeros_like(content_);
  for (std::int64_t i = 0; i < count; ++i) {
    // Not all are to die at once.
    ages_[i].fill_(static_cast<std::int64_t>(random.below(static_cast<std::size_t>(lifetime_))));
    look_at(i);
  }
}

void PicturesOnTheWay::look_at(std::int64_t place) {
  const torch::NoGradGuard no_gradients;
  const auto type = teacher_->weights[0].scalar_type();
  const auto taps_of = [&](const at::Tensor& pictures) {
    return teacher_->forward(
        pictures.narrow(0, place, 1).contiguous(at::MemoryFormat::ChannelsLast).to(type));
  };
  PaintingTarget& target = targets_[static_cast<std::size_t>(place)];
  target.content = lifted_rows(taps_of(content_).back(), {});
  target.style.clear();
  for (const at::Tensor& tap : taps_of(style_)) target.style.push_back(lifted_grams(tap, {}));
}

PicturesChosen PicturesOnTheWay::choose(std::int64_t count, Random& random) const {
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::int64_t>(random.below(targets_.size()));
    if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  }
  return pictures(places);
}

PicturesChosen PicturesOnTheWay::pictures(const std::vector<std::int64_t>& places) const {
  PicturesChosen chosen;
  chosen.places = places;
  const at::Tensor index = at::tensor(places, generated_.options().dtype(at::kLong));
  const auto pick = [&](const at::Tensor& all) {
    return all.index_select(0, index).contiguous(at::MemoryFormat::ChannelsLast);
  };
  chosen.generated = pick(generated_);
  chosen.content = pick(content_);
  chosen.style = pick(style_);
  std::vector<at::Tensor> contents;
  std::vector<std::vector<at::Tensor>> styles(targets_[0].style.size());
  for (const std::int64_t place : places) {
    const PaintingTarget& target = targets_[static_cast<std::size_t>(place)];
    contents.push_back(target.content);
    for (std::size_t i = 0; i < styles.size(); ++i) styles[i].push_back(target.style[i]);
  }
  chosen.of_teacher.content = at::cat(contents);
  for (const auto& tap : styles) chosen.of_teacher.style.push_back(at::cat(tap));
  return chosen;
}

bool PicturesOnTheWay::move(const PicturesChosen& chosen, const at::Tensor& gradient,
                            Random& random) {
  const torch::NoGradGuard no_gradients;
  bool any_anew = false;
  for (std::size_t i = 0; i < chosen.places.size(); ++i) {
    const std::int64_t place = chosen.places[i];
    const auto age = static_cast<double>(ages_[place].item<std::int64_t>());
    const double step = kStepSize * std::min(1.0, kSteadyMoves / std::max(age, 1.0));
    const at::Tensor direction = gradient[static_cast<std::int64_t>(i)];
    momentum_[place].lerp_(direction, 1 - kMomentum);
    square_[place].lerp_(direction.square(), 1 - kSquares);
    generated_[place]
        .addcdiv_(momentum_[place], square_[place].sqrt().add_(1e-8), -step)
        .clamp_(0, 1);
    ages_[place].add_(1);
    if (ages_[place].item<std::int64_t>() <= lifetime_) continue;
    start_anew(place, random);
    any_anew = true;
  }
  return any_anew;
}

void PicturesOnTheWay::start_anew(std::int64_t place, Random& random) {
  const at::Tensor pair = crops_(2, random);
  content_[place].copy_(pair[0]);
  style_[place].copy_(pair[1]);
  const bool from_content = random.uniform() < kFromContent;
  generated_[place].copy_(from_content ? pair[0] : uniform_like(pair[0], random));
  momentum_[place].zero_();
  square_[place].zero_();
  ages_[place].zero_();
  look_at(place);
}

TensorMap PicturesOnTheWay::state() const {
  TensorMap state;
  const auto add = [&](const char* name, const at::Tensor& tensor) {
    state[name] = tensor.to(at::kCPU).contiguous().clone();
  };
  add("generated", generated_);
  add("content", content_);
  add("style", style_);
  add("momentum", momentum_);
  add("square", square_);
  add("ages", ages_);
  return state;
}

void PicturesOnTheWay::restore(const TensorMap& state) {
  const auto take = [&](const char* name, at::Tensor& tensor) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes() ||
        found->second.scalar_type() != tensor.scalar_type())
      throw Error(ErrorCode::corrupt_file,
                  "it has no '" + std::string(name) + "' of these pictures on the way");
    tensor.copy_(found->second);
  };
  take("generated", generated_);
  take("content", content_);
  take("style", style_);
  take("momentum", momentum_);
  take("square", square_);
  take("ages", ages_);
  for (std::int64_t i = 0; i < ages_.size(0); ++i) look_at(i);
}

}  // namespace likeness
