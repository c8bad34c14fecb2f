#include "train/painter_gradients.h"

#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/net/side_by_side.h>
#include <torch/types.h>

namespace likeness {
namespace {

/// About the variance of a picture, so that the error becomes a share of it.
constexpr double kPictureVariance = 0.06;

/// Adds what parts of a batch have shares of.
void add(PainterStep& step, const PainterStep& share) {
  step.loss += share.loss;
  step.content += share.content;
  step.style += share.style;
  step.statistics += share.statistics;
  step.identity += share.identity;
  step.coherence += share.coherence;
}

}  // namespace

PainterLearnerImpl::PainterLearnerImpl(const net::PainterOptions& options,
                                       const std::vector<std::int64_t>& widths, std::int64_t count)
    : painter(register_module("painter", net::Painter(options))),
      coherence(register_module("coherence", Coherence(widths))) {
  if (count > 0) codes = register_parameter("codes", torch::zeros({count, painter->code_size()}));
}

at::Tensor PainterLearnerImpl::codes_of(const StyleBatch& styles) {
  const c10::Device device = parameters().front().device();
  if (codes.defined()) return codes.index_select(0, styles.numbers.to(device));
  return painter->code(painter->encode(styles.pictures.to(device)));
}

double PainterLearnerImpl::rate_of(const std::string& name) {
  return name.starts_with("painter.encoder.") ? 0 : 1;
}

at::Tensor picture_of(const at::Tensor& pictures, std::int64_t i) {
  return pictures.narrow(0, i, 1).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor seen_in(const std::vector<View>& views, const at::Tensor& pictures) {
  std::vector<at::Tensor> all;
  for (std::size_t i = 0; i < views.size(); ++i)
    all.push_back(seen(pictures.narrow(0, static_cast<std::int64_t>(i), 1), views[i]));
  return at::cat(all).contiguous(at::MemoryFormat::ChannelsLast);
}

/// Some pairs of a batch, which are learned from on one thread.
struct PainterGradients::Part {
  at::Tensor contents;
  StyleBatch styles;
  double share;   ///< of the batch
  bool identity;  ///< its first content is painted in its own style, for the whole batch
  std::uint64_t seed;
};

PainterGradients::PainterGradients(const PainterTrainingOptions& options,
                                   const PaintingJudge& judge, const PainterLearner& learner,
                                   const FlatParameters& parameters,
                                   const std::vector<std::int64_t>& widths)
    : options_(options), judge_(judge), learner_(learner), parameters_(parameters) {
  if (!options_.device.is_cpu()) return;
  const std::int64_t codes = learner_->codes.defined() ? learner_->codes.size(0) : 0;
  for (std::int64_t i = 1; i < options_.batch; ++i) {
    others_.emplace_back(learner_->painter->options, widths, codes);
    others_.back()->painter->encoder = learner_->painter->encoder;
    of_others_.emplace_back(*others_.back(), PainterLearnerImpl::rate_of);
  }
}

std::vector<PainterGradients::Part> PainterGradients::parts_of(const at::Tensor& contents,
                                                               const StyleBatch& styles,
                                                               Random& random) const {
  const std::int64_t batch = contents.size(0);
  if (others_.empty())
    return {
        {.contents = contents, .styles = styles, .share = 1, .identity = true, .seed = random()}};
  std::vector<Part> parts;
  for (std::int64_t i = 0; i < batch; ++i) {
    const auto number = static_cast<std::size_t>(i);
    StyleBatch one{.pictures = {},
                   .numbers = {},
                   .statistics = {styles.statistics[number]},
                   .views = {styles.views[number]}};
    if (styles.pictures.defined()) one.pictures = picture_of(styles.pictures, i);
    if (styles.numbers.defined()) one.numbers = styles.numbers.narrow(0, i, 1);
    parts.push_back({.contents = picture_of(contents, i),
                     .styles = std::move(one),
                     .share = 1 / static_cast<double>(batch),
                     .identity = i == 0,
                     .seed = random()});
  }
  return parts;
}

PainterStep PainterGradients::learn_from(const Part& part, PainterLearnerImpl& learner) const {
  const at::AutoGradMode gradients(true);
  std::vector<at::Tensor> of_content;
  {
    const torch::NoGradGuard no_gradients;
    of_content = judge_.taps(seen_in(part.styles.views, part.contents));
  }
  net::PainterImpl& painter = *learner.painter;
  const net::PainterFeatures encoded = painter.encode(part.contents);
  const at::Tensor painted = painter.decode(encoded, {.codes = learner.codes_of(part.styles)});
  const std::vector<at::Tensor> of_painted = judge_.taps(seen_in(part.styles.views, painted));
  const RelativeCosts costs = judge_.mean_costs(of_painted, of_content, part.styles.statistics);
  Random random(part.seed);
  const at::Tensor coherence = learner.coherence->forward(of_painted, of_content, random);
  at::Tensor total =
      part.share *
      (options_.content_weight * costs.content + options_.style_weight * costs.style +
       options_.statistics_weight * costs.statistics + options_.coherence_weight * coherence);
  PainterStep step{.content = part.share * costs.content.item<double>(),
                   .style = part.share * costs.style.item<double>(),
                   .statistics = part.share * costs.statistics.item<double>(),
                   .coherence = part.share * coherence.item<double>()};
  if (part.identity) {
    net::PainterFeatures one;
    for (std::size_t s = 0; s < one.size(); ++s) one[s] = picture_of(encoded[s], 0);
    const at::Tensor identity =
        (painter.decode(one, {.codes = painter.code(one)}) - part.contents.narrow(0, 0, 1))
            .square()
            .mean() /
        kPictureVariance;
    total = total + options_.identity_weight * identity;
    step.identity = identity.item<double>();
  }
  total.backward();
  step.loss = total.item<double>();
  return step;
}

PainterStep PainterGradients::learn(const at::Tensor& contents, const StyleBatch& styles,
                                    Random& random) {
  const std::vector<Part> parts = parts_of(contents, styles, random);
  std::vector<PainterStep> shares(parts.size());
  parameters_.gradients().zero_();
  net::run_side_by_side(parts.size(), [&](std::size_t i) {
    if (i == 0) {
      shares[i] = learn_from(parts[i], *learner_);
      return;
    }
    const FlatParameters& own = of_others_[i - 1];
    {
      const torch::NoGradGuard no_gradients;
      own.state().copy_(parameters_.state());
      own.gradients().zero_();
    }
    shares[i] = learn_from(parts[i], *others_[i - 1]);
  });
  for (std::size_t i = 1; i < parts.size(); ++i)
    parameters_.gradients().add_(of_others_[i - 1].gradients());
  PainterStep step;
  for (const PainterStep& share : shares) add(step, share);
  return step;
}

}  // namespace likeness
