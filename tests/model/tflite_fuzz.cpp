// Any bytes are a graph whose indices and shapes hold, or an Error; and any such graph becomes
// layers or an Error.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/model/tflite.h>

#include "model/convert_layers.h"
#include "support/fuzz_check.h"

namespace likeness {
namespace {

void check_indices(const std::vector<int>& indices, const TfliteModel& model, int lowest) {
  for (const int index : indices)
    LIKENESS_FUZZ_CHECK(index >= lowest && index < static_cast<int>(model.tensors.size()));
}

void check_model(const TfliteModel& model) {
  for (const TfliteTensor& tensor : model.tensors) {
    if (!tensor.data.defined()) continue;
    const auto type = tensor.data.scalar_type();
    LIKENESS_FUZZ_CHECK(type == at::kFloat || type == at::kInt);
    LIKENESS_FUZZ_CHECK(tensor.data.sizes() == at::IntArrayRef(tensor.shape));
  }
  for (const TfliteOperator& op : model.operators) {
    check_indices(op.inputs, model, -1);
    check_indices(op.outputs, model, 0);
  }
  check_indices(model.inputs, model, 0);
  check_indices(model.outputs, model, 0);
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    const TfliteModel model = parse_tflite({data, size}, "fuzz");
    check_model(model);
    for (const auto& layer : convert::tflite_layers(model, {3, 1, 1}, "fuzz"))
      LIKENESS_FUZZ_CHECK(layer.weight.dim() == 4 && layer.bias.dim() == 1);
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file ||
                        error.code() == ErrorCode::unsupported_format);
  }
  return 0;
}
