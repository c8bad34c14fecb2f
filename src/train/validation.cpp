#include "train/validation.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/device.h>
#include <likeness/train/triplet_loss.h>
#include <torch/types.h>

namespace likeness {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kMostFaces = 6000;  // 18 million pairs

at::Tensor unit_length(const at::Tensor& rows) {
  return rows / rows.norm(2, 1, true).clamp_min(1e-12);
}

/// (TPR + TNR) / 2 at the best threshold.
double balanced_accuracy(const Roc& roc) {
  double best = 0;
  for (const RocPoint& point : roc.points) best = std::max(best, (point.tar + 1 - point.far) / 2);
  return best;
}

}  // namespace

at::Tensor encode_all(SiameseNetwork& network, const TrainingFaces& faces, c10::Device device) {
  const torch::NoGradGuard no_gradients;
  std::vector<std::int64_t> all(faces.size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<at::Tensor> rows;
  for (std::int64_t begin = 0; begin < faces.size(); begin += kBatch) {
    const auto batch =
        std::span<const std::int64_t>(all).subspan(begin, std::min(kBatch, faces.size() - begin));
    at::Tensor sum;
    for (const at::Tensor& view : faces.views(batch, core_count())) {
      const at::Tensor encoding = unit_length(network.encode(view.to(device)));
      sum = sum.defined() ? sum + encoding : encoding;
    }
    rows.push_back(unit_length(sum).to(at::kCPU));
  }
  return at::cat(rows);
}

ScoreSet distances_of_all_pairs(const at::Tensor& encodings,
                                const std::vector<std::int64_t>& labels) {
  const std::int64_t stride = (encodings.size(0) + kMostFaces - 1) / kMostFaces;
  const at::Tensor rows = encodings.slice(0, 0, encodings.size(0), stride).contiguous();
  ScoreSet scores;
  for (std::int64_t i = 1; i < rows.size(0); ++i) {
    const at::Tensor row = squared_distances(rows.narrow(0, i, 1), rows.narrow(0, 0, i));
    const float* distances = row.data_ptr<float>();
    for (std::int64_t j = 0; j < i; ++j) {
      const bool same = labels[i * stride] == labels[j * stride];
      (same ? scores.genuine : scores.impostor).push_back(distances[j]);
    }
  }
  return scores;
}

ValidationMeasures validate(SiameseNetwork& network, const TrainingFaces& faces,
                            c10::Device device) {
  const Roc roc =
      roc_curve(distances_of_all_pairs(encode_all(network, faces, device), faces.labels()));
  ValidationMeasures measures;
  measures.tar_1e2 = roc.at_far(1e-2).tar;
  measures.tar_1e3 = roc.at_far(1e-3).tar;
  measures.eer = roc.equal_error_rate();
  measures.auc = roc.area();
  measures.accuracy = balanced_accuracy(roc);
  return measures;
}

}  // namespace likeness
