#pragma once

/// dlib's own implementation of its face recognition network, as the reference for answers and
/// time. Its header shows nothing of dlib: that is compiled apart, with flags of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace likeness {

/// Not safe to call from many threads, as dlib's networks are not.
class DlibResNet {
 public:
  /// The values of a parameter by our name ("stem.weight", "blocks.3.conv1.bias", "projection"), in
  /// dlib's layout: filters [out, in, rows, columns], the projection [in, out].
  using Parameters = std::function<std::vector<float>(const std::string& name)>;

  /// Throws std::runtime_error when a parameter has not as many values as dlib's layer.
  explicit DlibResNet(const Parameters& parameters);
  ~DlibResNet();
  DlibResNet(DlibResNet&&) noexcept;
  DlibResNet& operator=(DlibResNet&&) noexcept;

  /// Of dlib, for example "19.24.0".
  static std::string version();

  /// 150 × 150 RGB → 128 numbers, not normalised.
  std::vector<float> encode(std::span<const std::uint8_t> pixels);

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace likeness
