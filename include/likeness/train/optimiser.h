#pragma once

/// Gradient descent: one step of SGD or AdamW on a row of numbers, the learning rate's way over a
/// run, clipping, and the moving average of weights. One object belongs to one thread at a time.
///
///     Optimiser optimiser(parameters, {.algorithm = Algorithm::adamw});
///     optimiser.step(learning_rate_at(schedule, step));

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <likeness/model/safetensors.h>
#include <likeness/train/flat_parameters.h>

namespace likeness {

enum class Algorithm {
  sgd,    ///< with Nesterov momentum (Sutskever 2013)
  adamw,  ///< Adam with decoupled weight decay (Loshchilov 2019)
};

/// "sgd", "adamw".
std::string_view to_string(Algorithm algorithm);
/// Throws Error(invalid_argument) with the names that there are.
Algorithm algorithm_from_name(std::string_view name);

struct OptimiserOptions {
  Algorithm algorithm = Algorithm::adamw;
  double weight_decay = 0.05;  ///< of filters and matrices, not of biases and scales
  double momentum = 0.9;       ///< SGD
  double beta1 = 0.9;          ///< AdamW
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

class Optimiser {
 public:
  /// Keeps a reference: `parameters` must outlive the optimiser.
  Optimiser(const FlatParameters& parameters, const OptimiserOptions& options);

  /// Moves the parameters against their gradients, which stay as they are.
  void step(double learning_rate);

  /// Number of steps and moments, by the names of the network; copies, for a checkpoint.
  TensorMap state() const;
  /// Throws Error(corrupt_file) for a state of another network or algorithm.
  void restore(const TensorMap& state);

 private:
  void step_sgd(double learning_rate);
  void step_adamw(double learning_rate);

  const FlatParameters& parameters_;
  OptimiserOptions options_;
  std::int64_t steps_ = 0;
  at::Tensor first_;   ///< momentum, or mean of the gradients
  at::Tensor second_;  ///< AdamW: mean of their squares
};

/// Linear warm-up, then half a cosine down (Loshchilov 2017).
struct LearningRateSchedule {
  double highest = 1e-3;
  std::int64_t warm_up = 500;  ///< steps
  std::int64_t steps = 10'000;
  double last_share = 0.01;  ///< of `highest` that is left at the end
};

/// The learning rate of step 0 … steps − 1; later ones have `last_share`.
double learning_rate_at(const LearningRateSchedule& schedule, std::int64_t step);

/// Scales the gradients down to the length `limit` where they are longer (Pascanu 2013); 0 leaves
/// them alone. Returns their length before: infinite or NaN when one of them is.
double clip_gradients(const FlatParameters& parameters, double limit);

/// Moves `average` towards the network's state: average ← d·average + (1 − d)·state, with
/// d = min(decay, (1 + step)/(10 + step)), so that the first, random weights are forgotten soon.
void update_average(const at::Tensor& average, const FlatParameters& parameters, double decay,
                    std::int64_t step);

}  // namespace likeness
