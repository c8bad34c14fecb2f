#include "train/perceptual_start.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <torch/types.h>

#include "train/least_squares.h"

namespace likeness {
namespace {

constexpr double kRidge = 1e-3;  ///< of the mean second moment

at::Tensor layer(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::conv2d(at::reflection_pad2d(x, {1, 1, 1, 1}), weight, bias).relu_();
}

/// [N, C, H, W] → [N·H·W, C]
at::Tensor rows(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)});
}

AffineMap least_squares(const at::Tensor& student, const at::Tensor& teacher) {
  AffineLeastSquares fit;
  fit.add(student, teacher);
  return fit.solve(kRidge);
}

/// Filters over the teacher's activations as filters over the student's.
at::Tensor contracted(const at::Tensor& weight, const AffineMap& map) {
  const at::Tensor flat = weight.permute({0, 2, 3, 1}).matmul(map.matrix);
  return flat.permute({0, 3, 1, 2}).contiguous();
}

/// True when pooling comes between the layers: torchvision counts it.
bool pooled_between(const std::string& layer, const std::string& next) {
  const auto number = [](const std::string& name) {
    return std::stoi(name.substr(name.find('.') + 1));
  };
  return number(next) - number(layer) > 2;
}

}  // namespace

std::vector<std::int64_t> cholesky_pivots(const at::Tensor& moments, std::int64_t count) {
  LIKENESS_CHECK(moments.dim() == 2 && count >= 1 && count <= moments.size(0));
  at::Tensor rest = moments.clone();
  at::Tensor free = at::ones({rest.size(0)}, rest.options().dtype(at::kBool));
  const double tiny = 1e-9 * moments.diagonal().max().item<double>() + 1e-30;
  std::vector<std::int64_t> pivots;
  while (static_cast<std::int64_t>(pivots.size()) < count) {
    // How much of all channels' energy the pivot would explain.
    const at::Tensor gains = rest.square().sum(0) / rest.diagonal().clamp_min(tiny);
    const auto pivot = gains.masked_fill(free.logical_not(), -1).argmax().item<std::int64_t>();
    pivots.push_back(pivot);
    free[pivot].fill_(false);
    const at::Tensor column = rest.select(1, pivot).clone();
    rest.sub_(at::outer(column, column).div_(column[pivot].clamp_min(tiny)));
  }
  return pivots;
}

void start_from_teacher(StudentImpl& student, const net::VggImpl& teacher,
                        const at::Tensor& crops) {
  const torch::NoGradGuard no_gradients;
  const std::vector<std::string> names = net::vgg_layer_names(kStudentBlocks);
  at::Tensor of_teacher = crops;
  at::Tensor of_student = crops;
  AffineMap map;
  std::size_t tap = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_tap = i == 0 || pooled_between(names[i - 1], names[i]);
    const bool pools = i + 1 < names.size() && pooled_between(names[i], names[i + 1]);
    of_teacher = layer(of_teacher, teacher.weights[i], teacher.biases[i]);
    if (pools) of_teacher = at::max_pool2d(of_teacher, {2, 2});
    const at::Tensor target = rows(of_teacher);
    const at::Tensor moments = target.t().mm(target).to(at::kDouble) / target.size(0);
    const at::Tensor chosen =
        at::tensor(cholesky_pivots(moments, student.network->weights[i].size(0)),
                   target.options().dtype(at::kLong));
    at::Tensor weight = teacher.weights[i].index_select(0, chosen);
    at::Tensor bias = teacher.biases[i].index_select(0, chosen);
    if (i > 0) {
      bias = bias + weight.sum(at::IntArrayRef{2, 3}).mv(map.offset);
      weight = contracted(weight, map);
    }
    student.network->weights[i].copy_(weight);
    student.network->biases[i].copy_(bias);
    of_student = layer(of_student, weight, bias);
    if (pools) of_student = at::max_pool2d(of_student, {2, 2});
    map = least_squares(rows(of_student), target);
    if (!is_tap) continue;
    student.lift_weights[tap].copy_(map.matrix);
    student.lift_biases[tap].copy_(map.offset);
    ++tap;
  }
}

void fit_lifts(StudentImpl& student, net::VggImpl& teacher, const std::vector<at::Tensor>& crops) {
  constexpr double kLittleRidge = 1e-5;
  const torch::NoGradGuard no_gradients;
  std::vector<AffineLeastSquares> fits(student.lift_weights.size());
  for (const at::Tensor& some : crops) {
    const auto of_student = student.forward(some);
    const auto of_teacher = teacher.forward(some);
    for (std::size_t i = 0; i < fits.size(); ++i)
      fits[i].add(rows(of_student[i]), rows(of_teacher[i]));
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const AffineMap map = fits[i].solve(kLittleRidge);
    student.lift_weights[i].copy_(map.matrix);
    student.lift_biases[i].copy_(map.offset);
  }
}

}  // namespace likeness
