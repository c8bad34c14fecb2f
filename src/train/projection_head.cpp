#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/projection_head.h>
#include <torch/types.h>

#include "train/trainer_options.h"

namespace likeness {
namespace {

/// The encodings, without those that are the only one of their identity, about their identity's
/// mean: float64 [M, D].
at::Tensor within_class_differences(const at::Tensor& encodings,
                                    std::span<const std::int64_t> labels) {
  std::map<std::int64_t, std::vector<std::int64_t>> rows_of;
  for (std::size_t i = 0; i < labels.size(); ++i)
    rows_of[labels[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<at::Tensor> differences;
  for (const auto& [label, rows] : rows_of) {
    if (rows.size() < 2) continue;
    const at::Tensor own = encodings.index_select(0, at::tensor(rows, at::kLong)).to(at::kDouble);
    differences.push_back(own - own.mean(0, true));
  }
  return differences.empty() ? at::zeros({0, encodings.size(1)}, at::kDouble)
                             : at::cat(differences);
}

class ProjectionHead : public SiameseNetwork {
 public:
  ProjectionHead(const ModelEntry& base, const ProjectionHeadOptions& options, c10::Device device)
      : base_(base), options_(options) {
    LIKENESS_CHECK(options.start.dim() == 2 && options.start.size(0) == options.start.size(1));
    LIKENESS_CHECK(options.start.scalar_type() == at::kFloat && options.keep >= 0);
    start_ = options.start.detach().clone().to(device);
    weight_ = module_.register_parameter("weight", start_.clone());
    if (options.bias)
      bias_ = module_.register_parameter("bias", at::zeros({dimensions()}, start_.options()));
  }

  std::string description() const override {
    return "projection head on " + base_.id + ", start " + options_.start_name + ", keep " +
           exact_text(options_.keep) + (options_.bias ? ", with bias" : "");
  }
  torch::nn::Module& module() override { return module_; }
  std::int64_t dimensions() const override { return start_.size(0); }
  at::Tensor encode(const at::Tensor& input) override {
    return at::linear(input, weight_,
                      bias_.defined() ? c10::optional<at::Tensor>(bias_) : c10::nullopt);
  }
  double rate(const std::string&) const override { return 1; }
  at::Tensor penalty(std::span<const std::int64_t>, const at::Tensor&) override {
    if (options_.keep == 0) return {};
    return (weight_ - start_).square().sum() * options_.keep;
  }

  LocalModel exported() override {
    LocalModel model;
    model.weights["weight"] = weight_.detach().to(at::kCPU).clone();
    model.weights["bias"] = bias_.defined() ? bias_.detach().to(at::kCPU).clone()
                                            : at::zeros({dimensions()}, at::kFloat);
    model.entry.architecture = "projection_head";
    model.entry.settings = {{"dimensions", std::to_string(dimensions())}};
    model.entry.input = base_.input;
    model.entry.parts = base_.parts.empty() ? std::vector{base_.id} : base_.parts;
    model.entry.shares = base_.parts.empty() ? std::vector{1.0} : base_.shares;
    model.entry.crops = base_.crops;
    return model;
  }

 private:
  ModelEntry base_;
  ProjectionHeadOptions options_;
  torch::nn::Module module_;
  at::Tensor start_;
  torch::Tensor weight_;
  torch::Tensor bias_;
};

}  // namespace

at::Tensor identity_map(std::int64_t dimensions) {
  return at::eye(dimensions, at::kFloat);
}

at::Tensor within_class_whitening(const at::Tensor& encodings, std::span<const std::int64_t> labels,
                                  double shrinkage) {
  LIKENESS_CHECK(encodings.dim() == 2 && !encodings.requires_grad());
  LIKENESS_CHECK(encodings.size(0) == static_cast<std::int64_t>(labels.size()));
  if (!(shrinkage >= 0 && shrinkage <= 1))
    throw Error(ErrorCode::invalid_argument,
                "--shrinkage " + exact_text(shrinkage) + " must lie in [0, 1]");
  const at::Tensor differences = within_class_differences(encodings, labels);
  const std::int64_t dimensions = encodings.size(1);
  const at::Tensor covariance =
      differences.t().mm(differences) / std::max<std::int64_t>(1, differences.size(0));
  const at::Tensor spread = covariance.diagonal().mean();  // tr S / D
  if (spread.item<double>() <= 0)
    throw Error(ErrorCode::invalid_argument,
                "no identity has two different encodings to learn from");
  const at::Tensor shrunk =
      covariance * (1 - shrinkage) + at::eye(dimensions, at::kDouble) * spread * shrinkage;
  const auto [values, vectors] = at::linalg_eigh(shrunk);
  if (values.min().item<double>() <= 1e-12 * values.max().item<double>())
    throw Error(ErrorCode::invalid_argument,
                "--shrinkage " + exact_text(shrinkage) + " is too small for " +
                    std::to_string(differences.size(0)) + " encodings of " +
                    std::to_string(dimensions) + " numbers; 0.3 is usual");
  const at::Tensor root = vectors.mul(values.rsqrt()).mm(vectors.t());
  return (root * (std::sqrt(static_cast<double>(dimensions)) / root.norm())).to(at::kFloat);
}

std::unique_ptr<SiameseNetwork> projection_head(const ModelEntry& base,
                                                const ProjectionHeadOptions& options,
                                                c10::Device device) {
  return std::make_unique<ProjectionHead>(base, options, device);
}

}  // namespace likeness
