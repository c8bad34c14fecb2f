#include "train/perceptual_measure.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/types.h>

#include "train/perceptual_losses.h"

namespace likeness {
namespace {

constexpr std::int64_t kAtOnce = 8;

/// Sums over pictures, from which both measures of a tap follow.
struct Sums {
  double error = 0;    ///< of activations, squared
  double squares = 0;  ///< of the teacher's activations
  at::Tensor total;    ///< of the teacher's activations, per channel
  double positions = 0;
  double gram_error = 0;
  double gram_squares = 0;
  at::Tensor gram_total;  ///< of the teacher's Gram matrices
};

double total_of(const at::Tensor& x) {
  return x.sum(at::kDouble).item<double>();
}

void add(at::Tensor& total, const at::Tensor& part) {
  total = total.defined() ? total + part : part;
}

void add(Sums& sums, const at::Tensor& student, const Lift& lift, const at::Tensor& teacher) {
  const at::Tensor target = lifted_rows(teacher, {});
  sums.error += total_of((lifted_rows(student, lift) - target).square());
  sums.squares += total_of(target.square());
  add(sums.total, target.to(at::kDouble).sum(at::IntArrayRef{0, 1}));
  sums.positions += static_cast<double>(target.size(0) * target.size(1));
  const at::Tensor grams = lifted_grams(teacher, {});
  sums.gram_error += total_of((lifted_grams(student, lift) - grams).square());
  sums.gram_squares += total_of(grams.square());
  add(sums.gram_total, grams.to(at::kDouble).sum(0));
}

}  // namespace

PerceptualMeasures measure_student(StudentImpl& student, net::VggImpl& teacher,
                                   const at::Tensor& crops) {
  const torch::NoGradGuard no_gradients;
  const std::vector<Lift> lifts = student.lifts();
  std::vector<Sums> sums(lifts.size());
  for (std::int64_t begin = 0; begin < crops.size(0); begin += kAtOnce) {
    const at::Tensor some = crops.narrow(0, begin, std::min(kAtOnce, crops.size(0) - begin));
    const auto of_student = student.forward(some);
    const auto of_teacher = teacher.forward(some);
    for (std::size_t i = 0; i < sums.size(); ++i)
      add(sums[i], of_student[i], lifts[i], of_teacher[i]);
  }
  PerceptualMeasures measures;
  const auto pictures = static_cast<double>(crops.size(0));
  for (const Sums& tap : sums) {
    const double spread = tap.squares - total_of(tap.total.square()) / tap.positions;
    const double gram_spread = tap.gram_squares - total_of(tap.gram_total.square()) / pictures;
    measures.r2.push_back(1 - tap.error / std::max(spread, 1e-12));
    measures.gram_error.push_back(tap.gram_error / std::max(gram_spread, 1e-12));
  }
  return measures;
}

}  // namespace likeness
