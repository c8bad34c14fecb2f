#pragma once

/// The networks of a distillation: the teacher, and the student with its lifts.

#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/vgg.h>
#include <likeness/style/perceptual_network.h>

namespace likeness {

/// What follows the first convolution of blocks 1 to 4.
inline constexpr net::Tap kLastTap = net::Tap::relu4_1;
inline constexpr std::size_t kStudentBlocks = 4;

/// VGG up to relu4_1 with as many channels as the file has, float32, frozen, on the CPU, for RGB
/// 0…1: unless the file's metadata "input" says "0..1", torchvision's mean and standard deviation
/// are folded into the first convolution. Throws Error: as read_safetensors does, corrupt_file that
/// says what is missing.
net::Vgg load_teacher(const std::filesystem::path& file);

struct StudentImpl : torch::nn::Module {
  StudentImpl(const net::VggOptions& layers, const std::vector<std::int64_t>& teacher_widths);

  std::vector<torch::Tensor> forward(const torch::Tensor& x) { return network->forward(x); }
  /// From each tap to the teacher's.
  std::vector<Lift> lifts() const;
  /// Under the names of a model's file: "features.0.weight" …, "lift.relu1_1.weight" …; copies.
  TensorMap exported() const;
  /// Takes over what exported() gave. Throws Error(corrupt_file) as load_parameters does.
  void take_over(const TensorMap& tensors);

  net::Vgg network{nullptr};
  std::vector<torch::Tensor> lift_weights;  ///< [teacher's channels, channels]
  std::vector<torch::Tensor> lift_biases;   ///< [teacher's channels]
};
TORCH_MODULE(Student);

}  // namespace likeness
