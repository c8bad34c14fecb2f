#include <algorithm>
#include <cmath>
#include <functional>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/tensor.h>
#include <likeness/model/network.h>
#include <likeness/net/mobilefacenet.h>
#include <likeness/net/resnet.h>
#include <torch/types.h>

namespace likeness {
namespace {

/// Faces that go through a network at once. More do not fit the processor's cache and take longer.
constexpr std::size_t kBatch = 8;

/// One network with its input contract.
struct Branch {
  const AlignmentTemplate* target;
  Normalization normalization;
  int dimensions;
  double share;  ///< of this branch in the squared distance
  std::function<torch::Tensor(const torch::Tensor&)> forward;
};

template <class Network>
std::function<torch::Tensor(const torch::Tensor&)> prepared(const TensorMap& weights,
                                                            c10::Device device, bool bf16) {
  Network network;
  load_parameters(*network, weights);
  network->to(device, bf16 ? torch::kBFloat16 : torch::kFloat32);
  network->pack();
  return [network](const torch::Tensor& x) mutable { return network->forward(x); };
}

Branch make_branch(const ModelStore& store, const std::string& model, double share,
                   c10::Device device, bool bf16) {
  if (model == "mobilefacenet")
    return {.target = &arcface_template(),
            .normalization = {.mean = {127.5F, 127.5F, 127.5F}, .scale = 1 / 128.0F},
            .dimensions = net::MobileFaceNetImpl::kDimensions,
            .share = share,
            .forward = prepared<net::MobileFaceNet>(store.load(model), device, bf16)};
  if (model == "resnet")
    return {.target = &dlib_template(),
            .normalization = {.mean = {122.782F, 117.001F, 104.298F}, .scale = 1 / 256.0F},
            .dimensions = net::ResNetImpl::kDimensions,
            .share = share,
            .forward = prepared<net::ResNet>(store.load(model), device, bf16)};
  throw Error(ErrorCode::invalid_argument, "model '" + model + "' is no face encoder");
}

torch::Tensor unit_length(const torch::Tensor& rows) {
  return rows / rows.norm(2, 1, true).clamp_min(1e-12);
}

}  // namespace

struct FaceEncoder::Networks {
  std::vector<Branch> branches;
  c10::Device device;
};

FaceEncoder::FaceEncoder(const ModelStore& store, const std::string& model, c10::Device device,
                         EncoderOptions options)
    : model_(model), options_(options) {
  const ModelEntry& entry = store.manifest().find(model);
  Networks networks{.branches = {}, .device = device};
  if (entry.parts.empty()) {
    networks.branches.push_back(make_branch(store, model, 1, device, options.bf16));
  } else {
    for (std::size_t i = 0; i < entry.parts.size(); ++i)
      networks.branches.push_back(
          make_branch(store, entry.parts[i], entry.shares[i], device, options.bf16));
  }
  networks_ = std::make_unique<const Networks>(std::move(networks));
}

FaceEncoder::~FaceEncoder() = default;
FaceEncoder::FaceEncoder(FaceEncoder&&) noexcept = default;
FaceEncoder& FaceEncoder::operator=(FaceEncoder&&) noexcept = default;

int FaceEncoder::dimensions() const {
  int sum = 0;
  for (const Branch& branch : networks_->branches) sum += branch.dimensions;
  return sum;
}

std::vector<AlignmentTemplate> FaceEncoder::templates() const {
  std::vector<AlignmentTemplate> templates;
  for (const Branch& branch : networks_->branches) templates.push_back(*branch.target);
  return templates;
}

AlignedFace FaceEncoder::align(const Image& image, const Face& face) const {
  AlignedFace aligned;
  for (const Branch& branch : networks_->branches)
    aligned.crops.push_back(align_face(image, face.landmarks, *branch.target));
  return aligned;
}

std::vector<Encoding> FaceEncoder::encode(std::span<const AlignedFace> faces) const {
  const torch::NoGradGuard no_gradients;
  std::vector<Encoding> encodings;
  encodings.reserve(faces.size());
  const auto type = options_.bf16 ? torch::kBFloat16 : torch::kFloat32;
  for (std::size_t begin = 0; begin < faces.size(); begin += kBatch) {
    const auto batch = faces.subspan(begin, std::min(kBatch, faces.size() - begin));
    std::vector<torch::Tensor> parts;
    for (std::size_t b = 0; b < networks_->branches.size(); ++b) {
      const Branch& branch = networks_->branches[b];
      std::vector<Image> crops;
      for (const AlignedFace& face : batch) crops.push_back(face.crops.at(b));
      const auto x = to_tensor(crops, branch.normalization).to(networks_->device, type);
      auto y = unit_length(branch.forward(x).to(torch::kFloat32));
      if (options_.flip) {
        const auto mirrored = x.flip(3).contiguous(at::MemoryFormat::ChannelsLast);
        y = unit_length(y + unit_length(branch.forward(mirrored).to(torch::kFloat32)));
      }
      // On unit spheres, ‖[√s·a, √(1−s)·b] − …‖² = s·‖Δa‖² + (1−s)·‖Δb‖².
      parts.push_back(y * std::sqrt(branch.share));
    }
    const auto rows = at::cat(parts, 1).to(torch::kCPU).contiguous();
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const float* row = rows.data_ptr<float>() + i * rows.size(1);
      encodings.emplace_back(row, row + rows.size(1));
    }
  }
  return encodings;
}

Encoding FaceEncoder::encode(const Image& image, const Face& face) const {
  const AlignedFace aligned = align(image, face);
  return std::move(encode({&aligned, 1}).front());
}

float squared_distance(std::span<const float> a, std::span<const float> b) {
  LIKENESS_CHECK(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return static_cast<float>(sum);
}

}  // namespace likeness
