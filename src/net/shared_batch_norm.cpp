#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/shared_batch_norm.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

namespace likeness::net {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Keeps the function between forward and backward.
struct SumHolder : torch::CustomClassHolder {
  explicit SumHolder(SumOverProcesses function) : sum(std::move(function)) {}
  SumOverProcesses sum;
};

constexpr const char* kSum = "sum";
constexpr const char* kCount = "count";

/// [C] as [1, C, 1, 1], to stand beside a batch.
at::Tensor beside(const at::Tensor& channels) {
  return channels.to(at::kFloat).view({1, -1, 1, 1});
}

/// float64 [C]: the sum over everything but the channels.
at::Tensor channel_sums(const at::Tensor& x) {
  return x.sum({0, 2, 3}, false, at::kDouble);
}

/// Of all processes together, float64 [C].
struct Statistics {
  double count = 0;  ///< values of a channel
  at::Tensor mean;
  at::Tensor variance;
};

/// One exchange: the sums of values and of squares follow from each process's mean and variance,
/// and in float64 their difference keeps enough digits.
Statistics shared_statistics(const at::Tensor& x, const SumOverProcesses& sum) {
  const double count = static_cast<double>(x.numel()) / static_cast<double>(x.size(1));
  const auto [own_mean, own_variance] = at::batch_norm_update_stats(x, {}, {}, 0.0);
  const at::Tensor mean = own_mean.to(at::kDouble);
  at::Tensor sums = at::cat({at::full({1}, count, mean.options()), mean * count,
                             (own_variance.to(at::kDouble) + mean.square()) * count});
  sum(sums);
  Statistics all;
  all.count = sums[0].item<double>();
  const at::Tensor means = sums.narrow(0, 1, 2 * x.size(1)) / all.count;
  all.mean = means.narrow(0, 0, x.size(1));
  all.variance = (means.narrow(0, x.size(1), x.size(1)) - all.mean.square()).clamp_min(0);
  return all;
}

void follow(const at::Tensor& running, const at::Tensor& value, double momentum) {
  running.mul_(1 - momentum).add_(value.to(running.scalar_type()), momentum);
}

struct SharedBatchNorm : torch::autograd::Function<SharedBatchNorm> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input,
                               const torch::Tensor& scale, const torch::Tensor& shift,
                               const torch::Tensor& running_mean,
                               const torch::Tensor& running_variance, double momentum,
                               double epsilon, const SumOverProcesses& sum) {
    const at::Tensor x = input.to(at::kFloat);
    const Statistics all = shared_statistics(x, sum);
    follow(running_mean, all.mean, momentum);
    follow(running_variance, all.variance * (all.count / (all.count - 1)), momentum);
    const at::Tensor inverse = (all.variance + epsilon).rsqrt();
    context->save_for_backward({x, scale, all.mean, inverse});
    context->saved_data[kSum] = c10::IValue::make_capsule(c10::make_intrusive<SumHolder>(sum));
    context->saved_data[kCount] = all.count;
    const at::Tensor factor = scale * inverse;
    return at::addcmul(beside(shift - all.mean * factor), x, beside(factor))
        .to(input.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& scale = saved[1];
    const at::Tensor& inverse = saved[3];
    const at::Tensor given = gradients[0].to(at::kFloat);
    const at::Tensor centred = saved[0] - beside(saved[2]);
    const at::Tensor of_shift = channel_sums(given);
    const at::Tensor of_scale = channel_sums(given * centred) * inverse;
    at::Tensor sums = at::stack({of_shift, of_scale});
    c10::static_intrusive_pointer_cast<SumHolder>(context->saved_data[kSum].toCapsule())->sum(sums);
    const at::Tensor means = sums / context->saved_data[kCount].toDouble();
    const at::Tensor of_input =
        (given - beside(means[0]) - centred * beside(means[1] * inverse)) * beside(scale * inverse);
    return {of_input.to(gradients[0].scalar_type()),
            of_scale.to(scale.scalar_type()),
            of_shift.to(scale.scalar_type()),
            {},
            {},
            {},
            {},
            {}};
  }
};

}  // namespace

torch::Tensor shared_batch_norm(const torch::Tensor& x, const torch::Tensor& scale,
                                const torch::Tensor& shift, const torch::Tensor& running_mean,
                                const torch::Tensor& running_variance, double momentum,
                                double epsilon, const SumOverProcesses& sum) {
  LIKENESS_CHECK(x.dim() == 4 && x.size(0) > 0 && sum != nullptr);
  return SharedBatchNorm::apply(x, scale, shift, running_mean, running_variance, momentum, epsilon,
                                sum);
}

}  // namespace likeness::net
