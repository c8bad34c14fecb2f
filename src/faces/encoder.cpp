#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/faces/alignment.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/tensor.h>
#include <likeness/image/transform.h>
#include <likeness/net/side_by_side.h>
#include <torch/types.h>

#include "faces/architectures.h"

namespace likeness {
namespace {

/// Pictures that go through a network at once on a GPU.
constexpr std::size_t kGpuBatch = 64;

/// Scales the vectors along the last dimension.
torch::Tensor unit_length(const torch::Tensor& vectors) {
  return vectors / vectors.norm(2, -1, true).clamp_min(1e-12);
}

/// Where a crop is moved to, in pixels for each fiftieth of its side. The first `crops` of an entry
/// (1 or 5) are used. Eyes and mouth are found to about that exactness; encodings averaged over the
/// places depend less on it.
struct Move {
  int x;
  int y;
};
constexpr std::array<Move, 5> kMoves = {{{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}}};

/// `crop` with its content moved; what comes in from outside repeats the border.
Image moved(const Image& crop, const Move& move) {
  const int step = crop.width() / 50;
  if (move.x == 0 && move.y == 0) return crop;
  Image result(crop.width(), crop.height());
  for (int y = 0; y < crop.height(); ++y) {
    const std::uint8_t* from = crop.row(std::clamp(y - step * move.y, 0, crop.height() - 1));
    std::uint8_t* to = result.row(y);
    for (int x = 0; x < crop.width(); ++x, to += 3) {
      const std::ptrdiff_t column = std::clamp(x - step * move.x, 0, crop.width() - 1);
      std::copy_n(from + 3 * column, 3, to);
    }
  }
  return result;
}

/// A part of the pictures on its way through one network.
struct Chunk {
  std::size_t branch;
  std::size_t first;
  std::size_t count;
};

/// `pictures` for each branch in parts of about equal size: none larger than the branch's batch,
/// and so many that every thread has one where that is possible.
std::vector<Chunk> split(std::size_t pictures, std::span<const EncoderBranch> branches,
                         bool on_cpu) {
  std::vector<Chunk> chunks;
  const auto threads = static_cast<std::size_t>(on_cpu ? at::get_num_threads() : 1);
  const std::size_t threads_here = (threads + branches.size() - 1) / branches.size();
  for (std::size_t b = 0; b < branches.size(); ++b) {
    const std::size_t largest = on_cpu ? branches[b].batch : kGpuBatch;
    const std::size_t parts =
        std::max((pictures + largest - 1) / largest, std::min(threads_here, pictures));
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t first = pictures * i / parts;
      chunks.push_back({b, first, pictures * (i + 1) / parts - first});
    }
  }
  return chunks;
}

}  // namespace

struct FaceEncoder::Networks {
  std::vector<EncoderBranch> branches;
  c10::Device device;
  EncoderHead head = {};  ///< without a function where there is none
  std::size_t crops = 1;  ///< as ModelEntry::crops

  int joined_dimensions() const {
    int sum = 0;
    for (const EncoderBranch& branch : branches) sum += branch.dimensions;
    return sum;
  }

  /// What each branch makes of the faces: [faces, views, dimensions] on the CPU. The views are the
  /// crops; with `flip` the mirror image of each as well.
  std::vector<torch::Tensor> run(std::span<const AlignedFace> faces, bool flip,
                                 at::ScalarType type) const {
    const std::size_t sides = flip ? 2 : 1;
    const std::size_t views = crops * sides;
    std::vector<torch::Tensor> outputs;
    for (const EncoderBranch& branch : branches)
      outputs.push_back(at::empty({static_cast<std::int64_t>(faces.size()),
                                   static_cast<std::int64_t>(views), branch.dimensions}));
    const auto run_chunk = [&](const Chunk& chunk) {
      const torch::NoGradGuard no_gradients;
      const EncoderBranch& branch = branches[chunk.branch];
      std::vector<Image> pictures;
      for (std::size_t i = chunk.first; i < chunk.first + chunk.count; ++i) {
        const std::size_t view = i % views;
        Image crop = moved(faces[i / views].crops.at(chunk.branch), kMoves.at(view / sides));
        pictures.push_back(view % sides == 0 ? std::move(crop) : mirror(crop));
      }
      const auto x = to_tensor(pictures, branch.normalization).to(device, type);
      outputs[chunk.branch]
          .flatten(0, 1)
          .narrow(0, static_cast<std::int64_t>(chunk.first), static_cast<std::int64_t>(chunk.count))
          .copy_(branch.forward(x));
    };
    const auto chunks = split(faces.size() * views, branches, device.is_cpu());
    net::run_side_by_side(chunks.size(), [&](std::size_t i) { run_chunk(chunks[i]); });
    return outputs;
  }
};

FaceEncoder::FaceEncoder(const ModelStore& store, const std::string& model, c10::Device device,
                         EncoderOptions options)
    : model_(model), options_(options) {
  const ModelEntry& entry = store.manifest().find(model);
  const auto parts = entry.parts.empty() ? std::vector{model} : entry.parts;
  const auto shares = entry.parts.empty() ? std::vector{1.0} : entry.shares;
  Networks networks{.branches = std::vector<EncoderBranch>(parts.size()),
                    .device = device,
                    .crops = static_cast<std::size_t>(entry.crops)};
  net::run_side_by_side(parts.size(), [&](std::size_t i) {
    networks.branches[i] =
        load_branch(store, store.manifest().find(parts[i]), shares[i], device, options.bf16);
  });
  if (!entry.parts.empty() && entry.has_weights())
    networks.head = load_head(store, entry, networks.joined_dimensions());
  networks_ = std::make_unique<const Networks>(std::move(networks));
}

FaceEncoder::~FaceEncoder() = default;
FaceEncoder::FaceEncoder(FaceEncoder&&) noexcept = default;
FaceEncoder& FaceEncoder::operator=(FaceEncoder&&) noexcept = default;

int FaceEncoder::dimensions() const {
  if (networks_->head.forward) return networks_->head.dimensions;
  return networks_->joined_dimensions();
}

std::vector<AlignmentTemplate> FaceEncoder::templates() const {
  std::vector<AlignmentTemplate> templates;
  for (const EncoderBranch& branch : networks_->branches) templates.push_back(branch.target);
  return templates;
}

AlignedFace FaceEncoder::align(const Image& image, const Face& face) const {
  AlignedFace aligned;
  for (const EncoderBranch& branch : networks_->branches)
    aligned.crops.push_back(align_face(image, landmarks_for(face, branch.target), branch.target));
  return aligned;
}

std::vector<Encoding> FaceEncoder::encode(std::span<const AlignedFace> faces) const {
  if (faces.empty()) return {};
  const torch::NoGradGuard no_gradients;
  const auto outputs =
      networks_->run(faces, options_.flip, options_.bf16 ? torch::kBFloat16 : torch::kFloat32);
  std::vector<torch::Tensor> parts;
  for (std::size_t b = 0; b < outputs.size(); ++b) {
    const auto y = unit_length(unit_length(outputs[b]).sum(1));
    // On unit spheres, ‖[√s·a, √(1−s)·b] − …‖² = s·‖Δa‖² + (1−s)·‖Δb‖².
    parts.push_back(y * std::sqrt(networks_->branches[b].share));
  }
  auto rows = at::cat(parts, 1);
  if (networks_->head.forward) rows = unit_length(networks_->head.forward(rows));
  rows = rows.contiguous();
  std::vector<Encoding> encodings;
  encodings.reserve(faces.size());
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const float* row = rows.data_ptr<float>() + i * rows.size(1);
    encodings.emplace_back(row, row + rows.size(1));
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
