#include "style/target_cache.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/core/files.h>
#include <likeness/model/safetensors.h>

namespace likeness {
namespace {

namespace fs = std::filesystem;

/// Files that are kept, about 1.5 MB each; the oldest go first.
constexpr std::size_t kMostFiles = 200;
/// Changes with what a file means.
constexpr char kVersion[] = "2";

std::string digest(const PerceptualNetwork& network, const at::Tensor& picture,
                   const at::Tensor& mask, const CostWeights& weights, std::uint64_t seed) {
  TensorMap tensors = {{"picture", picture}};
  if (mask.defined()) tensors["mask"] = mask;
  std::string layers;
  for (const auto& [tap, weight] : weights.style_layers)
    if (weight > 0) layers += std::string(net::to_string(tap)) + " ";
  const bool sliced = weights.style_loss == StyleLoss::sliced;
  return sha256(serialize_safetensors(
      {.tensors = tensors,
       .metadata = {{"version", kVersion},
                    {"network", network.fingerprint()},
                    {"layers", layers},
                    {"kind", sliced ? "sliced " + std::to_string(seed) : "moments"}}}));
}

TensorMap to_tensors(const StyleTarget& target) {
  TensorMap tensors;
  for (const auto& [tap, moments] : target.moments) {
    tensors[std::string(net::to_string(tap)) + ".mean"] = moments.mean;
    tensors[std::string(net::to_string(tap)) + ".second"] = moments.second;
  }
  for (const auto& [tap, style] : target.projections) {
    tensors[std::string(net::to_string(tap)) + ".directions"] = style.directions;
    tensors[std::string(net::to_string(tap)) + ".quantiles"] = style.quantiles;
  }
  return tensors;
}

/// Nothing unless all that is needed is there.
std::optional<StyleTarget> from_tensors(const TensorMap& tensors, const CostWeights& weights,
                                        c10::Device device) {
  StyleTarget target;
  const bool sliced = weights.style_loss == StyleLoss::sliced;
  for (const auto& [tap, weight] : weights.style_layers) {
    if (!(weight > 0)) continue;
    const std::string prefix(net::to_string(tap));
    const auto first = tensors.find(prefix + (sliced ? ".directions" : ".mean"));
    const auto second = tensors.find(prefix + (sliced ? ".quantiles" : ".second"));
    if (first == tensors.end() || second == tensors.end()) return std::nullopt;
    const at::Tensor a = first->second.to(device);
    const at::Tensor b = second->second.to(device);
    if (sliced)
      target.projections[tap] = {.directions = a, .quantiles = b};
    else
      target.moments[tap] = {.mean = a, .second = b};
  }
  return target;
}

void remove_oldest(const fs::path& folder) {
  std::error_code ignored;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".safetensors")
      files.emplace_back(entry.last_write_time(ignored), entry.path());
  if (files.size() <= kMostFiles) return;
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + kMostFiles < files.size(); ++i) fs::remove(files[i].second, ignored);
}

}  // namespace

StyleTarget TargetCache::target(const PerceptualNetwork& network, const at::Tensor& picture,
                                const at::Tensor& mask, const CostWeights& weights,
                                std::uint64_t seed) const {
  if (folder_.empty()) return style_target(network, picture, mask, weights, seed);
  const fs::path path = folder_ / (digest(network, picture, mask, weights, seed) + ".safetensors");
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    try {
      if (auto found = from_tensors(read_safetensors(path).tensors, weights, network.device()))
        return *std::move(found);
    } catch (const Error&) {  // broken: computed anew below
    }
  }
  StyleTarget target = style_target(network, picture, mask, weights, seed);
  try {
    fs::create_directories(folder_, ignored);
    write_safetensors(path, {.tensors = to_tensors(target)});
    remove_oldest(folder_);
  } catch (const Error&) {  // a cache that cannot be written costs time, nothing else
  }
  return target;
}

}  // namespace likeness
