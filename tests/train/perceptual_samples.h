#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <likeness/core/random.h>
#include <likeness/image/codec.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/vgg.h>

#include "support/drawn_picture.h"

namespace likeness {

/// Normal numbers of `deviation`, the same in every run.
inline at::Tensor seeded_normal(at::IntArrayRef sizes, double deviation, Random& random) {
  at::Tensor values = at::empty(sizes, at::kFloat);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += random.uniform();
    values.data_ptr<float>()[i] = static_cast<float>(deviation * sum);
  }
  return values;
}

/// Random weights under torchvision's names, from 3 channels through `widths`. With `rank` above 0
/// the filters of each layer are combinations of so many.
inline TensorMap tiny_teacher(const std::vector<std::int64_t>& widths, std::int64_t rank = 0) {
  Random random(5);
  TensorMap weights;
  net::Vgg network(net::VggOptions{.widths = widths});
  for (const auto& item : network->named_parameters()) {
    const auto sizes = item.value().sizes();
    if (item.value().dim() == 1) {
      weights[item.key()] = seeded_normal(sizes, 0.1, random);
      continue;
    }
    const auto inputs = static_cast<double>(9 * sizes[1]);
    at::Tensor filters = seeded_normal(sizes, std::sqrt(2 / inputs), random);
    if (rank > 0 && rank < sizes[0])
      filters = at::einsum("or,riyx->oiyx",
                           {seeded_normal({sizes[0], rank}, 1 / std::sqrt(double(rank)), random),
                            filters.narrow(0, 0, rank)});
    weights[item.key()] = filters;
  }
  return weights;
}

inline void write_teacher(const std::filesystem::path& path, const TensorMap& weights,
                          const std::string& input = "RGB 0..1") {
  write_safetensors(path, {.tensors = weights, .metadata = {{"input", input}}});
}

/// `count` different pictures 0.png … in `folder`, which is made.
inline void write_pictures(const std::filesystem::path& folder, int count) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < count; ++i) {
    Image picture = drawn_picture(60 + i, 50 + 2 * i);
    for (std::uint8_t& sample : picture.pixels())
      sample = static_cast<std::uint8_t>(sample + 37 * i);
    write_image(folder / (std::to_string(i) + ".png"), picture);
  }
}

}  // namespace likeness
