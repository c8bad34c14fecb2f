// Any manifest with any data is tensors that use up the data, or Error(corrupt_file). An input is
// the manifest's text, a byte of zero (which JSON does not have), and the data.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/model/tfjs.h>

#include "support/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  const std::span input(data, size);
  const auto zero = std::find(input.begin(), input.end(), 0);
  const auto manifest = input.first(static_cast<std::size_t>(zero - input.begin()));
  const auto rest = input.subspan(std::min(manifest.size() + 1, input.size()));
  try {
    std::size_t fewest = 0;  // bytes that the tensors were made of: one or four for an element
    std::size_t most = 0;
    for (const auto& [name, tensor] : parse_tfjs_weights(manifest, rest, "fuzz")) {
      const auto type = tensor.scalar_type();
      LIKENESS_FUZZ_CHECK(type == at::kFloat || type == at::kInt);
      LIKENESS_FUZZ_CHECK(tensor.is_contiguous());
      fewest += static_cast<std::size_t>(tensor.numel());
      most += tensor.nbytes();
    }
    LIKENESS_FUZZ_CHECK(fewest <= rest.size() && rest.size() <= most);
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
