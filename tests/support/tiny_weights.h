#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <likeness/net/convolution.h>
#include <likeness/net/mobilefacenet.h>

#include "support/tflite_writer.h"

namespace likeness {

/// A file that the converter "mobilefacenet" accepts: the right layers, with one weight each.
inline std::vector<std::uint8_t> tiny_mobilefacenet() {
  WrittenModel model;
  model.tensors.push_back({"input", {1, 112, 112, 3}, 0, 0});
  float value = 0;
  for (const auto& module : net::MobileFaceNet()->modules(false)) {
    if (module->as<net::ConvolutionImpl>() == nullptr) continue;
    value += 1;
    const auto weight = model.add_constant("weight", {1, 1, 1, 1}, {value});
    const auto bias = model.add_constant("bias", {1}, {-value});
    model.operators.push_back({0, {0, weight, bias}, {0}});
  }
  model.inputs = {0};
  model.outputs = {0};
  return model.write();
}

}  // namespace likeness
