#include "train/perceptual_start.h"

#include <optional>

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

/// A layer's or a lift's numbers.
struct Learned {
  at::Tensor weight;
  at::Tensor bias;
};

/// What `tensors` has under `name` for as many inputs as `weight` has, and no more outputs.
std::optional<Learned> learned_in(const TensorMap& tensors, const std::string& name,
                                  const at::Tensor& weight) {
  const auto its_weight = tensors.find(name + ".weight");
  const auto its_bias = tensors.find(name + ".bias");
  if (its_weight == tensors.end() || its_bias == tensors.end()) return std::nullopt;
  const Learned learned{.weight = its_weight->second.to(weight),
                        .bias = its_bias->second.to(weight)};
  if (learned.weight.dim() != weight.dim() || learned.weight.size(0) > weight.size(0) ||
      learned.bias.dim() != 1 || learned.bias.size(0) != learned.weight.size(0) ||
      learned.weight.sizes().slice(1) != weight.sizes().slice(1))
    return std::nullopt;
  return learned;
}

/// Second moments of the teacher's channels, or of what the student's `rows` leave of them.
at::Tensor moments_of(const at::Tensor& teacher, const at::Tensor& student) {
  at::Tensor rest = teacher;
  if (student.defined()) {
    const AffineMap map = least_squares(student, teacher);
    rest = teacher - student.matmul(map.matrix.t()) - map.offset;
  }
  return rest.t().mm(rest).to(at::kDouble) / rest.size(0);
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

void start_from_teacher(StudentImpl& student, const net::VggImpl& teacher, const at::Tensor& crops,
                        const TensorMap& learned) {
  const torch::NoGradGuard no_gradients;
  const std::vector<std::string> names = net::vgg_layer_names(kStudentBlocks);
  at::Tensor of_teacher = crops;
  at::Tensor of_student = crops;
  AffineMap map;
  bool goes_on = true;  // from what was learned: other inputs would mean nothing to later layers
  std::size_t tap = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_tap = i == 0 || pooled_between(names[i - 1], names[i]);
    const bool pools = i + 1 < names.size() && pooled_between(names[i], names[i + 1]);
    const auto pooled = [&](const at::Tensor& x) { return pools ? at::max_pool2d(x, {2, 2}) : x; };
    of_teacher = pooled(layer(of_teacher, teacher.weights[i], teacher.biases[i]));
    const at::Tensor target = rows(of_teacher);
    at::Tensor& weight = student.network->weights[i];
    at::Tensor& bias = student.network->biases[i];
    std::int64_t kept = 0;
    at::Tensor of_kept;
    const std::optional<Learned> before = learned_in(learned, names[i], weight);
    if (goes_on && before) {
      kept = before->bias.size(0);
      weight.narrow(0, 0, kept).copy_(before->weight);
      bias.narrow(0, 0, kept).copy_(before->bias);
      of_kept = rows(pooled(layer(of_student, before->weight, before->bias)));
    }
    if (const std::int64_t anew = bias.size(0) - kept; anew > 0) {
      const at::Tensor chosen = at::tensor(cholesky_pivots(moments_of(target, of_kept), anew),
                                           target.options().dtype(at::kLong));
      const at::Tensor filters = teacher.weights[i].index_select(0, chosen);
      const at::Tensor offsets = teacher.biases[i].index_select(0, chosen);
      weight.narrow(0, kept, anew).copy_(i > 0 ? contracted(filters, map) : filters);
      bias.narrow(0, kept, anew)
          .copy_(i > 0 ? offsets + filters.sum(at::IntArrayRef{2, 3}).mv(map.offset) : offsets);
    }
    of_student = pooled(layer(of_student, weight, bias));
    if (is_tap) {
      const AffineMap lift = least_squares(rows(of_student), target);
      const std::string name = "lift." + std::string(net::to_string(static_cast<net::Tap>(tap)));
      const std::optional<Learned> as_before = learned_in(learned, name, student.lift_weights[tap]);
      const bool same = kept == bias.size(0) && as_before;
      student.lift_weights[tap].copy_(same ? as_before->weight : lift.matrix);
      student.lift_biases[tap].copy_(same ? as_before->bias : lift.offset);
      ++tap;
    }
    if (i + 1 == names.size()) break;
    const std::int64_t read = student.network->weights[i + 1].size(1);
    goes_on = kept >= read;
    of_student = of_student.narrow(1, 0, read);
    map = least_squares(rows(of_student), target);
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
