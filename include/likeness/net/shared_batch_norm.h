#pragma once

/// Batch normalisation over the batches of several processes as if they were one: without it a
/// process would normalise its share of a batch with the share's own statistics, and learn
/// something else than one process with the whole batch.
///
///     auto z = shared_batch_norm(y, scale, shift, running_mean, running_variance, 0.1, 1e-5, sum);

#include <functional>

#include <torch/types.h>

namespace likeness::net {

/// Adds up the tensors of all processes, in place: afterwards each has the same sum. Every process
/// calls it equally often, with tensors of the same shapes.
using SumOverProcesses = std::function<void(torch::Tensor&)>;

/// In training: (x − mean) / √(variance + epsilon) · scale + shift, mean and (biased) variance for
/// each channel over the batches of all processes together; the running statistics move towards
/// them by `momentum` (towards the unbiased variance), as those of at::batch_norm do.
/// x: [N, C, H, W] float32 or bfloat16, N may differ between processes and must not be 0; the rest:
/// float32 [C]. Backward adds up over the processes as well: the gradient of x is that of the sum
/// of all processes' losses, those of scale and shift are this process's part of it.
torch::Tensor shared_batch_norm(const torch::Tensor& x, const torch::Tensor& scale,
                                const torch::Tensor& shift, const torch::Tensor& running_mean,
                                const torch::Tensor& running_variance, double momentum,
                                double epsilon, const SumOverProcesses& sum);

}  // namespace likeness::net
