#include <cstddef>
#include <sstream>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/train/pair_trained.h>
#include <likeness/train/pair_unit.h>

namespace likeness {
namespace {

constexpr const char* kNetwork = "network";

/// Both parts under one roof, for optimiser and checkpoint. `network` must outlive it.
struct Together : torch::nn::Module {
  Together(torch::nn::Module& network, const PairUnit& unit) {
    register_module(kNetwork, std::shared_ptr<torch::nn::Module>(&network, [](auto*) {}));
    register_module("pair_unit", unit);
  }
};

class PairTrained : public SiameseNetwork {
 public:
  PairTrained(std::unique_ptr<SiameseNetwork> network, const PairLossOptions& options,
              std::vector<std::int64_t> labels, c10::Device device)
      : network_(std::move(network)),
        options_(options),
        labels_(std::move(labels)),
        unit_(options.form, network_->dimensions()),
        together_(network_->module(), unit_) {
    constexpr double kStart = 4;
    const at::NoGradGuard no_gradients;
    unit_->distance_weight.fill_(kStart);
    unit_->offset.fill_(kStart);
    unit_->to(device);
  }

  std::string description() const override {
    std::ostringstream text;
    text << network_->description() << ", pair loss " << options_.weight << ", "
         << to_string(options_.form);
    return text.str();
  }
  torch::nn::Module& module() override { return together_; }
  std::int64_t dimensions() const override { return network_->dimensions(); }
  at::Tensor encode(const at::Tensor& input) override { return network_->encode(input); }

  double rate(const std::string& parameter) const override {
    const std::string prefix = std::string(kNetwork) + ".";
    return parameter.starts_with(prefix) ? network_->rate(parameter.substr(prefix.size())) : 1;
  }

  at::Tensor penalty(std::span<const std::int64_t> faces, const at::Tensor& encodings) override {
    std::vector<std::int64_t> people;
    people.reserve(faces.size());
    for (const std::int64_t face : faces) people.push_back(labels_[static_cast<std::size_t>(face)]);
    const PairIndices pairs =
        hard_batch_pairs(encodings, at::tensor(people, at::kLong).to(encodings.device()));
    const at::Tensor logits = unit_->forward(encodings.index_select(0, pairs.first),
                                             encodings.index_select(0, pairs.second));
    const at::Tensor loss = options_.weight * pair_loss(logits, pairs.same_person);
    const at::Tensor own = network_->penalty(faces, encodings);
    return own.defined() ? own + loss : loss;
  }

  LocalModel exported() override { return network_->exported(); }

 private:
  std::unique_ptr<SiameseNetwork> network_;
  PairLossOptions options_;
  std::vector<std::int64_t> labels_;
  PairUnit unit_;
  Together together_;
};

}  // namespace

std::unique_ptr<SiameseNetwork> with_pair_loss(std::unique_ptr<SiameseNetwork> network,
                                               const PairLossOptions& options,
                                               std::vector<std::int64_t> labels,
                                               c10::Device device) {
  LIKENESS_CHECK(options.weight > 0);
  return std::make_unique<PairTrained>(std::move(network), options, std::move(labels), device);
}

}  // namespace likeness
