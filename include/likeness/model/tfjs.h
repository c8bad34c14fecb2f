#pragma once

/// Weights of TensorFlow.js: a JSON manifest of names, shapes and dtypes beside one binary file.

#include <cstdint>
#include <span>
#include <string>

#include <likeness/model/safetensors.h>

namespace likeness {

/// The tensors of a TensorFlow.js weights manifest, dequantised (value = q · scale + min for uint8
/// and uint16) to float32 (int32 entries stay int32), under their own names and in their own layout
/// (convolution filters are HWIO). `manifest` is the JSON, `data` the binary file that it
/// describes; `name` stands for both in errors. Throws Error(corrupt_file) for a manifest that is
/// not what it should be or does not fit the data.
TensorMap parse_tfjs_weights(std::span<const std::uint8_t> manifest,
                             std::span<const std::uint8_t> data, const std::string& name);

}  // namespace likeness
