#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/train/fine_tuning.h>
#include <torch/types.h>

#include "train/network_input.h"
#include "train/trainer_options.h"

namespace likeness {
namespace {

class FineTunedNetwork : public SiameseNetwork {
 public:
  FineTunedNetwork(EncoderNetwork network, const ModelEntry& entry,
                   const FineTuningOptions& options, c10::Device device)
      : network_(std::move(network)), entry_(entry), options_(options) {
    LIKENESS_CHECK(options.distil >= 0);
    const std::vector<std::string> layers = layers_of(*network_.module);
    const std::vector<double> rates = layer_rates(layers, options.freeze, options.layer_decay);
    for (std::size_t i = 0; i < layers.size(); ++i) rates_[layers[i]] = rates[i];
    network_.module->to(device);
    if (options.distil == 0) return;
    LIKENESS_CHECK(options.targets.dim() == 2 && options.targets.size(1) == network_.dimensions);
    options_.targets = options.targets.to(device);
  }

  std::string description() const override {
    std::string text =
        entry_.architecture + " that goes on from " + entry_.id + " " + entry_.sha256;
    if (!options_.freeze.empty()) text += ", frozen up to " + options_.freeze;
    if (options_.layer_decay != 1) text += ", layer decay " + exact_text(options_.layer_decay);
    if (options_.distil > 0) text += ", distilled with " + exact_text(options_.distil);
    return text + (options_.bf16 ? ", bf16" : "");
  }
  torch::nn::Module& module() override { return *network_.module; }
  std::int64_t dimensions() const override { return network_.dimensions; }
  at::Tensor encode(const at::Tensor& input) override {
    return network_.forward(network_input(input, network_.normalization, options_.bf16))
        .to(at::kFloat);
  }
  double rate(const std::string& parameter) const override {
    return rates_.at(layer_of(parameter));
  }

  at::Tensor penalty(std::span<const std::int64_t> faces, const at::Tensor& encodings) override {
    if (options_.distil == 0) return {};
    const std::vector<std::int64_t> rows(faces.begin(), faces.end());
    const at::Tensor targets =
        options_.targets.index_select(0, at::tensor(rows, at::kLong).to(encodings.device()));
    return (encodings - targets).square().sum(1).mean() * options_.distil;
  }

  LocalModel exported() override {
    LocalModel model;
    for (const auto& item : network_.module->named_parameters())
      model.weights[item.key()] = item.value().detach().to(at::kCPU).clone();
    model.entry.architecture = entry_.architecture;
    model.entry.settings = entry_.settings;
    model.entry.input = entry_.input;
    return model;
  }

 private:
  EncoderNetwork network_;
  ModelEntry entry_;
  FineTuningOptions options_;
  std::map<std::string, double> rates_;
};

}  // namespace

std::string layer_of(const std::string& parameter) {
  const auto first = parameter.find('.');
  if (first == parameter.npos) return parameter;
  const bool numbered = parameter[first + 1] >= '0' && parameter[first + 1] <= '9';
  return parameter.substr(0, numbered ? parameter.find('.', first + 1) : first);
}

std::vector<std::string> layers_of(const torch::nn::Module& module) {
  std::vector<std::string> layers;
  std::vector<std::string> own;  // parameters of the network itself; they stand behind its parts
  for (const auto& item : module.named_parameters()) {
    auto& list = item.key().find('.') == std::string::npos ? own : layers;
    const std::string layer = layer_of(item.key());
    if (std::find(list.begin(), list.end(), layer) == list.end()) list.push_back(layer);
  }
  layers.insert(layers.end(), own.begin(), own.end());
  return layers;
}

std::vector<double> layer_rates(const std::vector<std::string>& layers, const std::string& freeze,
                                double decay) {
  if (!(decay > 0 && decay <= 1))
    throw Error(ErrorCode::invalid_argument,
                "--layer-decay " + exact_text(decay) + " must lie above 0 and be at most 1");
  std::size_t frozen = 0;
  if (!freeze.empty()) {
    std::string known;
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
      known += (i == 0 ? "" : ", ") + layers[i];
      if (layers[i] == freeze) frozen = i + 1;
    }
    if (frozen == 0)
      throw Error(ErrorCode::invalid_argument, "--freeze " + freeze + ": " +
                                                   (!layers.empty() && layers.back() == freeze
                                                        ? "no layer would be left to learn"
                                                        : "there is no such layer") +
                                                   "; use one of " + known);
  }
  std::vector<double> rates;
  for (std::size_t i = 0; i < layers.size(); ++i)
    rates.push_back(i < frozen ? 0 : std::pow(decay, layers.size() - 1 - i));
  return rates;
}

std::unique_ptr<SiameseNetwork> fine_tuned_network(EncoderNetwork network, const ModelEntry& entry,
                                                   const FineTuningOptions& options,
                                                   c10::Device device) {
  return std::make_unique<FineTunedNetwork>(std::move(network), entry, options, device);
}

}  // namespace likeness
