#pragma once

/// All that a network learns, as one row of numbers: its parameters and buffers become views of
/// that row, its gradients views of another. Optimiser, moving average, clipping and the exchange
/// between processes are then a few operations on long vectors instead of some for each layer.
/// One object belongs to one thread at a time.
///
///     FlatParameters flat(*network, [](const std::string&) { return 1.0; });
///     loss.backward();
///     flat.values().sub_(flat.gradients(), learning_rate);  // and the network has changed

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/model/safetensors.h>
#include <torch/nn/module.h>

namespace likeness {

class FlatParameters {
 public:
  /// `rate` gives each parameter's share of the learning rate by its name; those with 0 are frozen
  /// (they stay out, without a gradient). The network must stay where it is (device, dtype) from
  /// now on. Requires a float32 network with at least one parameter that learns.
  FlatParameters(torch::nn::Module& network, const std::function<double(const std::string&)>& rate);

  /// float32 [P], the parameters that learn; writing to it changes the network. A view.
  at::Tensor values() const { return state_.narrow(0, 0, gradients_.size(0)); }
  /// float32 [P + B]: the same with the buffers (running statistics) behind them. A view.
  const at::Tensor& state() const { return state_; }
  /// float32 [P], where backward() adds; never undefined. A view.
  const at::Tensor& gradients() const { return gradients_; }
  /// float32 [P]: each number's share of the learning rate.
  const at::Tensor& rates() const { return rates_; }
  /// float32 [P]: 1 where weight decay works (filters and matrices), 0 where not (biases, scales).
  const at::Tensor& decays() const { return decays_; }

  /// The pieces of a row [P] or [P + B] under the names of the network, copies.
  TensorMap named(const at::Tensor& row) const;
  /// The way back, into `row`. Throws Error(corrupt_file), naming it, for a piece that is missing
  /// or has another shape or dtype.
  void assign(const at::Tensor& row, const TensorMap& pieces) const;

 private:
  struct Piece {
    std::string name;
    std::vector<std::int64_t> shape;
    std::int64_t begin;
    std::int64_t count;
  };

  std::vector<Piece> pieces_;
  at::Tensor state_;
  at::Tensor gradients_;
  at::Tensor rates_;
  at::Tensor decays_;
};

/// Puts `row` in place of the network's state while it lives: to validate or save the moving
/// average. Writes nothing else, restores bit for bit.
class BorrowedState {
 public:
  BorrowedState(const FlatParameters& parameters, const at::Tensor& row);
  ~BorrowedState();
  BorrowedState(const BorrowedState&) = delete;
  BorrowedState& operator=(const BorrowedState&) = delete;

 private:
  at::Tensor state_;
  at::Tensor own_;
};

}  // namespace likeness
