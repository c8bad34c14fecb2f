#include <string>

#include <ATen/ATen.h>
#include <likeness/model/local_model.h>
#include <likeness/train/siamese_network.h>

#include "train/network_input.h"
#include "train/seeds.h"

namespace likeness {
namespace {

constexpr Normalization kMinusOneToOne = {.mean = {127.5F, 127.5F, 127.5F}, .scale = 1 / 128.0F};

class CompactNetwork : public SiameseNetwork {
 public:
  CompactNetwork(const net::CompactEncoderOptions& options, std::uint64_t seed, c10::Device device,
                 bool bf16)
      : network_(options), seed_(seed), bf16_(bf16) {
    network_->initialise(derived_seed(seed, SeedStream::weights));
    network_->to(device);
  }

  std::string description() const override {
    return "compact_encoder, size " + size() + ", dimensions " + std::to_string(dimensions()) +
           ", random weights of seed " + std::to_string(seed_) + (bf16_ ? ", bf16" : "");
  }
  torch::nn::Module& module() override { return *network_; }
  std::int64_t dimensions() const override { return network_->options.dimensions; }
  at::Tensor encode(const at::Tensor& input) override {
    return network_->forward(network_input(input, kMinusOneToOne, bf16_)).to(at::kFloat);
  }
  double rate(const std::string&) const override { return 1; }
  void share_statistics(const net::SumOverProcesses& sum) override {
    network_->share_statistics(sum);
  }

  LocalModel exported() override {
    LocalModel model;
    for (const auto& item : net::folded(*network_)->named_parameters())
      model.weights[item.key()] = item.value().detach().to(at::kCPU).clone();
    model.entry.architecture = "compact_encoder";
    model.entry.settings = {{"size", size()}, {"dimensions", std::to_string(dimensions())}};
    model.entry.input = size() + "x" + size() +
                        " RGB, (x - 127.5) / 128; the five points on the ArcFace template, scaled, "
                        "by similarity transform";
    return model;
  }

 private:
  std::string size() const { return std::to_string(network_->options.size); }

  net::TrainableCompactEncoder network_;
  std::uint64_t seed_;
  bool bf16_;
};

}  // namespace

std::unique_ptr<SiameseNetwork> compact_network(const net::CompactEncoderOptions& options,
                                                std::uint64_t seed, c10::Device device, bool bf16) {
  return std::make_unique<CompactNetwork>(options, seed, device, bf16);
}

}  // namespace likeness
