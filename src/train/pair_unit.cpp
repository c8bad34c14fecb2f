#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/pair_unit.h>
#include <likeness/train/triplet_loss.h>

namespace likeness {
namespace {

/// (a − b)² / (a + b), and 0 for 0/0.
at::Tensor chi_squared(const at::Tensor& a, const at::Tensor& b) {
  // So small that no sum of two features lies below, so large that its inverse is finite.
  constexpr double kSmallest = 1e-30;
  return (a - b).square() / (a + b).clamp_min(kSmallest);
}

}  // namespace

at::Tensor pair_inputs(PairForm form, const at::Tensor& first, const at::Tensor& second) {
  LIKENESS_CHECK(first.dim() == 2 && first.sizes() == second.sizes());
  if (form == PairForm::absolute) return (first - second).abs();
  return at::cat({chi_squared(first.clamp_min(0), second.clamp_min(0)),
                  chi_squared((-first).clamp_min(0), (-second).clamp_min(0))},
                 1);
}

PairUnitImpl::PairUnitImpl(PairForm form, std::int64_t dimensions, bool with_distance)
    : form(form) {
  LIKENESS_CHECK(dimensions > 0);
  const auto inputs =
      static_cast<std::int64_t>(pair_input_count(form, static_cast<std::size_t>(dimensions)));
  weights = register_parameter("weights", at::zeros({inputs}));
  distance_weight = register_parameter("distance_weight", at::zeros({1}), with_distance);
  offset = register_parameter("offset", at::zeros({1}));
}

at::Tensor PairUnitImpl::forward(const at::Tensor& first, const at::Tensor& second) const {
  const at::Tensor distances = (first - second).square().sum(1);
  return offset - distance_weight * distances - pair_inputs(form, first, second).matmul(weights);
}

at::Tensor pair_loss(const at::Tensor& logits, const at::Tensor& same_person) {
  LIKENESS_CHECK(logits.dim() == 1 && logits.sizes() == same_person.sizes());
  const auto genuine = same_person.sum().item<std::int64_t>();
  const std::int64_t impostors = same_person.numel() - genuine;
  LIKENESS_CHECK(genuine > 0 && impostors > 0);
  // −log σ(±z) = log(1 + e^∓z), without overflow.
  const at::Tensor losses = at::softplus(at::where(same_person, -logits, logits));
  const at::Tensor truths = same_person.to(logits.scalar_type());
  const at::Tensor each = truths * (0.5 / static_cast<double>(genuine)) +
                          (1 - truths) * (0.5 / static_cast<double>(impostors));
  return (each * losses).sum();
}

PairIndices hard_batch_pairs(const at::Tensor& encodings, const at::Tensor& labels) {
  const at::NoGradGuard no_gradients;
  LIKENESS_CHECK(encodings.dim() == 2 && labels.dim() == 1 && encodings.size(0) == labels.size(0));
  const at::Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
  const at::Tensor genuine = same.triu(1).nonzero();
  LIKENESS_CHECK(genuine.size(0) > 0 && !same.all().item<bool>());
  const at::Tensor nearest = squared_distances(encodings, encodings)
                                 .masked_fill(same, std::numeric_limits<double>::infinity())
                                 .argmin(1);
  const at::Tensor anchors = genuine.select(1, 0);
  const at::Tensor truth = at::ones({anchors.size(0)}, labels.options().dtype(at::kBool));
  return {.first = at::cat({anchors, anchors}),
          .second = at::cat({genuine.select(1, 1), nearest.index_select(0, anchors)}),
          .same_person = at::cat({truth, truth.logical_not()})};
}

}  // namespace likeness
