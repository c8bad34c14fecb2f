#include "machine.h"

#include <array>
#include <fstream>

#include <ATen/Version.h>
#include <dlfcn.h>
#include <likeness/core/device.h>
#include <stdlib.h>
#include <torch/version.h>

#include "dlib_resnet.h"

namespace likeness::bench {
namespace {

constexpr const char* kUnknown = "unknown";

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return kUnknown;
}

/// What stands between `before` and `end` in what LibTorch says of itself.
std::string between(const std::string& text, const std::string& before, char end) {
  const auto start = text.find(before);
  if (start == std::string::npos) return kUnknown;
  const auto first = start + before.size();
  return text.substr(first, text.find(end, first) - first);
}

/// OpenBLAS is reached through the system's libblas.
std::string blas_version() {
  const auto config = reinterpret_cast<char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
  return config == nullptr ? kUnknown : config();
}

double load_of_last_minute() {
  std::array<double, 1> load{};
  return getloadavg(load.data(), 1) == 1 ? load[0] : 0;
}

}  // namespace

Machine this_machine() {
  return {.processor = processor_name(),
          .instructions = between(at::show_config(), "CPU capability usage: ", '\n'),
          .cores = core_count(),
          .load = load_of_last_minute(),
          .libtorch = TORCH_VERSION,
          .onednn = between(at::get_mkldnn_version(), "MKL-DNN v", ' '),
          .dlib = DlibResNet::version(),
          .blas = blas_version()};
}

}  // namespace likeness::bench
