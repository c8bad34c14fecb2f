#pragma once

#include <cstdint>
#include <filesystem>

#include <ATen/core/Tensor.h>
#include <likeness/style/objective.h>

namespace likeness {

/// What styles look like to the network, kept on disk between runs under a digest of everything
/// that it depends on. A file that is missing or broken is computed anew; one that cannot be
/// written is done without.
class TargetCache {
 public:
  /// `folder` empty: computes every time.
  explicit TargetCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// As style_target.
  StyleTarget target(const PerceptualNetwork& network, const at::Tensor& picture,
                     const at::Tensor& mask, const CostWeights& weights, std::uint64_t seed) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace likeness
