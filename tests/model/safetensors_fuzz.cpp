// Any bytes are tensors or Error(corrupt_file). What was parsed serialises, parses again to the
// same tensors, and from then on gives the same bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/model/safetensors.h>

#include "support/fuzz_check.h"

namespace likeness {
namespace {

/// Bit by bit: a NaN equals itself.
bool same(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.is_contiguous() &&
         (a.nbytes() == 0 || std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0);
}

void check_round_trip(const TensorFile& file) {
  const Bytes bytes = serialize_safetensors(file);
  const TensorFile again = parse_safetensors(bytes, "again");
  LIKENESS_FUZZ_CHECK(again.metadata == file.metadata);
  LIKENESS_FUZZ_CHECK(again.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    const auto found = again.tensors.find(name);
    LIKENESS_FUZZ_CHECK(found != again.tensors.end());
    LIKENESS_FUZZ_CHECK(same(found->second, tensor));
  }
  LIKENESS_FUZZ_CHECK(serialize_safetensors(again) == bytes);
}

}  // namespace
}  // namespace likeness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace likeness;
  try {
    check_round_trip(parse_safetensors({data, size}, "fuzz"));
  } catch (const Error& error) {
    LIKENESS_FUZZ_CHECK(error.code() == ErrorCode::corrupt_file);
  }
  return 0;
}
