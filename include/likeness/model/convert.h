#pragma once

/// Converters: the files of a third-party package → our parameter names and layouts (convolution
/// filters OIHW, batch norm and scale layers folded into the convolution before them).

#include <map>
#include <string>

#include <likeness/core/files.h>
#include <likeness/model/safetensors.h>

namespace likeness {

/// Source files by the last part of their path, for example "MobileFaceNet.tflite".
using SourceFiles = std::map<std::string, Bytes>;

/// Runs the converter called `converter` (the manifest names it). Throws Error(corrupt_file) when a
/// file is not what the converter expects, Error(invalid_argument) for an unknown converter.
TensorMap convert_weights(const std::string& converter, const SourceFiles& files);

}  // namespace likeness
