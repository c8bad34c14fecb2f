#pragma once

/// The graph and the constants of a TensorFlow Lite model (a FlatBuffer), as far as a converter
/// needs them: the operators of the first subgraph in order, and the tensors they read and write.
/// Bounded: a hostile file throws, it never reads outside of `bytes`.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <likeness/model/safetensors.h>

namespace likeness {

struct TfliteTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  at::Tensor data;  ///< constant (a copy) as float32 or int32; undefined for an activation
};

struct TfliteOperator {
  int builtin_code = 0;     ///< BuiltinOperator of the TensorFlow Lite schema (3 = CONV_2D, …)
  std::vector<int> inputs;  ///< indices into TfliteModel::tensors, -1 = absent
  std::vector<int> outputs;
};

struct TfliteModel {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;
  std::vector<int> inputs;   ///< of the graph
  std::vector<int> outputs;  ///< of the graph
};

/// Throws Error: corrupt_file; unsupported_format when the "TFL3" identifier is missing. float16
/// constants are widened to float32; constants of other types (quantised models) are refused.
/// `name` stands for the file in errors.
TfliteModel parse_tflite(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace likeness
