#include "train/perceptual_student.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/model/network.h>

namespace likeness {
namespace {

constexpr char kNetwork[] = "network.";

}  // namespace

net::Vgg load_teacher(const std::filesystem::path& path) {
  const TensorMap weights = read_vgg19(path);
  const torch::NoGradGuard no_gradients;
  net::Vgg teacher(layers_in(weights, kStudentBlocks, path.string()));
  try {
    load_parameters(*teacher, weights);
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
  for (torch::Tensor& parameter : teacher->parameters()) parameter.requires_grad_(false);
  return teacher;
}

StudentImpl::StudentImpl(const net::VggOptions& layers,
                         const std::vector<std::int64_t>& teacher_widths)
    : network(register_module("network", net::Vgg(layers))) {
  const std::vector<std::int64_t>& widths = network->options.tap_widths;
  LIKENESS_CHECK(widths.size() == teacher_widths.size());
  net::Group lift = register_module("lift", net::Group());
  for (std::size_t i = 0; i < widths.size(); ++i) {
    net::Group tap =
        lift->register_module(std::string(to_string(static_cast<net::Tap>(i))), net::Group());
    lift_weights.push_back(
        tap->register_parameter("weight", torch::zeros({teacher_widths[i], widths[i]})));
    lift_biases.push_back(tap->register_parameter("bias", torch::zeros({teacher_widths[i]})));
  }
}

std::vector<Lift> StudentImpl::lifts() const {
  std::vector<Lift> lifts;
  for (std::size_t i = 0; i < lift_weights.size(); ++i)
    lifts.push_back({.matrix = lift_weights[i], .offset = lift_biases[i]});
  return lifts;
}

TensorMap StudentImpl::exported() const {
  TensorMap tensors;
  const std::string prefix = kNetwork;
  for (const auto& item : named_parameters()) {
    const std::string& name = item.key();
    tensors[name.starts_with(prefix) ? name.substr(prefix.size()) : name] =
        item.value().detach().to(at::kCPU).clone();
  }
  return tensors;
}

void StudentImpl::take_over(const TensorMap& tensors) {
  TensorMap named;
  for (const auto& [name, tensor] : tensors)
    named[(name.starts_with("lift.") ? "" : kNetwork) + name] = tensor;
  load_parameters(*this, named);
}

}  // namespace likeness
