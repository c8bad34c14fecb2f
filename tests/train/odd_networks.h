#pragma once

/// Networks that behave badly or simply, for tests of the trainer.

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/train/siamese_network.h>
#include <torch/nn/module.h>

namespace likeness {

/// Another network whose encodings become NaN at its `call`th batch of training.
class DivergingNetwork : public SiameseNetwork {
 public:
  DivergingNetwork(std::unique_ptr<SiameseNetwork> network, int call)
      : network_(std::move(network)), calls_left_(call) {}
  std::string description() const override { return network_->description(); }
  torch::nn::Module& module() override { return network_->module(); }
  std::int64_t dimensions() const override { return network_->dimensions(); }
  at::Tensor encode(const at::Tensor& input) override {
    const at::Tensor encodings = network_->encode(input);
    const bool diverges = module().is_training() && --calls_left_ == 0;
    return diverges ? encodings * std::numeric_limits<float>::quiet_NaN() : encodings;
  }
  double rate(const std::string& parameter) const override { return network_->rate(parameter); }
  LocalModel exported() override { return network_->exported(); }

 private:
  std::unique_ptr<SiameseNetwork> network_;
  int calls_left_;
};

/// One parameter, "weight".
class OneParameter : public SiameseNetwork {
 public:
  explicit OneParameter(at::Tensor weight)
      : weight_(module_.register_parameter("weight", std::move(weight))) {}
  torch::nn::Module& module() override { return module_; }
  double rate(const std::string&) const override { return 1; }
  LocalModel exported() override { return {.entry = {}, .weights = {{"weight", weight_}}}; }
  const at::Tensor& weight() const { return weight_; }

 private:
  torch::nn::Module module_;
  torch::Tensor weight_;
};

/// Says the same of every face: a collapsed network.
class ConstantNetwork : public OneParameter {
 public:
  explicit ConstantNetwork(std::int64_t dimensions) : OneParameter(at::ones({dimensions})) {}
  std::string description() const override { return "constant"; }
  std::int64_t dimensions() const override { return weight().size(0); }
  at::Tensor encode(const at::Tensor& input) override {
    return weight().expand({input.size(0), dimensions()});
  }
};

/// A matrix times the pixels, without anything that looks at a whole batch.
class LinearNetwork : public OneParameter {
 public:
  LinearNetwork() : OneParameter(first_weights()) {}
  std::string description() const override { return "linear"; }
  std::int64_t dimensions() const override { return weight().size(1); }
  at::Tensor encode(const at::Tensor& input) override {
    return input.flatten(1).to(at::kFloat).sub(127.5).div(128).narrow(1, 0, kPixels).mm(weight());
  }

 private:
  static constexpr std::int64_t kPixels = 96;
  static at::Tensor first_weights() {
    return at::arange(kPixels * 8).to(at::kFloat).mul(1.7).sin().view({kPixels, 8});
  }
};

/// A linear network that pays for each number of its encodings and for each face.
class PayingNetwork : public LinearNetwork {
 public:
  at::Tensor penalty(std::span<const std::int64_t> faces, const at::Tensor& encodings) override {
    return encodings.sum() * static_cast<double>(faces.size());
  }
};

}  // namespace likeness
