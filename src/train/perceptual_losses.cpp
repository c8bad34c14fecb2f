#include "train/perceptual_losses.h"

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <torch/csrc/autograd/autograd.h>

namespace likeness {
namespace {

constexpr double kStyleWeight = 30;
/// Of what is aimed at: a difference so small counts half of what it would by itself.
constexpr double kSmallDifference = 0.02;

/// [N, C, H, W] → [N, H·W, C] float32, a view where it can be.
at::Tensor rows_by_position(const at::Tensor& features) {
  return features.permute({0, 2, 3, 1}).flatten(1, 2).to(at::kFloat);
}

at::Tensor squared_sum(const at::Tensor& grams) {
  return grams.square().sum(at::IntArrayRef{1, 2});
}

}  // namespace

at::Tensor lifted_rows(const at::Tensor& features, const Lift& lift) {
  const at::Tensor all = rows_by_position(features);
  return lift.is_identity() ? all : all.matmul(lift.matrix.t()) + lift.offset;
}

at::Tensor lifted_grams(const at::Tensor& features, const Lift& lift) {
  const at::Tensor all = rows_by_position(features);
  at::Tensor grams = at::bmm(all.transpose(1, 2), all) / all.size(1);
  if (lift.is_identity()) return grams;
  const at::Tensor mean = all.mean(1).matmul(lift.matrix.t());  // [N, C']
  const at::Tensor mixed = mean.unsqueeze(2) * lift.offset;
  return lift.matrix.matmul(grams).matmul(lift.matrix.t()) + mixed + mixed.transpose(1, 2) +
         at::outer(lift.offset, lift.offset);
}

at::Tensor painting_cost(const std::vector<at::Tensor>& taps, const std::vector<Lift>& lifts,
                         const PaintingTarget& target) {
  LIKENESS_CHECK(taps.size() == lifts.size() && taps.size() == target.style.size());
  const std::vector<std::int64_t> means = {1, 2};
  at::Tensor cost = (lifted_rows(taps.back(), lifts.back()) - target.content).square().mean(means);
  for (std::size_t i = 0; i < taps.size(); ++i)
    cost = cost +
           kStyleWeight * (lifted_grams(taps[i], lifts[i]) - target.style[i]).square().mean(means);
  return cost;
}

at::Tensor painting_gradient(const at::Tensor& cost, const at::Tensor& picture,
                             bool differentiable) {
  return torch::autograd::grad({cost.sum()}, {picture}, {}, true, differentiable)[0];
}

at::Tensor feature_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                        const std::vector<at::Tensor>& teacher) {
  at::Tensor loss = at::zeros({}, lifts[0].matrix.options().requires_grad(false));
  for (std::size_t i = 0; i < student.size(); ++i) {
    const at::Tensor target = rows_by_position(teacher[i]);
    const at::Tensor variance =
        target.square().mean() - target.mean(at::IntArrayRef{0, 1}).square().mean();
    loss = loss +
           (lifted_rows(student[i], lifts[i]) - target).square().mean() / variance.clamp_min(1e-12);
  }
  return loss / static_cast<double>(student.size());
}

at::Tensor gram_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                     const std::vector<at::Tensor>& teacher) {
  at::Tensor loss = at::zeros({}, lifts[0].matrix.options().requires_grad(false));
  for (std::size_t i = 0; i < student.size(); ++i) {
    const at::Tensor target = lifted_grams(teacher[i], {});
    const at::Tensor error = squared_sum(lifted_grams(student[i], lifts[i]) - target);
    loss = loss + (error / squared_sum(target).clamp_min(1e-12)).mean();
  }
  return loss / static_cast<double>(student.size());
}

at::Tensor difference_loss(const std::vector<at::Tensor>& student, const std::vector<Lift>& lifts,
                           const PaintingTarget& student_aims,
                           const std::vector<at::Tensor>& teacher,
                           const PaintingTarget& teacher_aims) {
  const at::Tensor content = teacher_aims.content;
  const at::Tensor variance =
      content.square().mean() - content.mean(at::IntArrayRef{0, 1}).square().mean();
  at::Tensor loss = ((lifted_rows(student.back(), lifts.back()) - student_aims.content) -
                     (rows_by_position(teacher.back()) - content))
                        .square()
                        .mean() /
                    variance.clamp_min(1e-12);
  const auto taps = static_cast<double>(student.size());
  for (std::size_t i = 0; i < student.size(); ++i) {
    const at::Tensor left = lifted_grams(student[i], lifts[i]) - student_aims.style[i];
    const at::Tensor truly_left = lifted_grams(teacher[i], {}) - teacher_aims.style[i];
    const at::Tensor whole =
        squared_sum(truly_left) + kSmallDifference * squared_sum(teacher_aims.style[i]) + 1e-12;
    loss = loss + (squared_sum(left - truly_left) / whole).mean() / taps;
  }
  return loss;
}

at::Tensor gradient_loss(const at::Tensor& student, const at::Tensor& teacher) {
  const std::vector<std::int64_t> all = {1, 2, 3};
  return ((student - teacher).square().sum(all) / (teacher.square().sum(all) + 1e-12)).mean();
}

}  // namespace likeness
