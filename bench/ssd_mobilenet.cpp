#include "ssd_mobilenet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/faces/non_maximum_suppression.h>
#include <likeness/image/tensor.h>
#include <torch/types.h>

namespace likeness::bench {
namespace {

constexpr int kSize = 512;
constexpr int kPairs = 13;
constexpr std::size_t kFineMap = 2 * 11;  // the body's layer behind which the finest map is taken
constexpr int kExtensions = 8;
constexpr int kPredictors = 6;
constexpr int kClasses = 3;
constexpr float kMostOverlap = 0.5F;
constexpr float kCenterVariance = 10;
constexpr float kSizeVariance = 5;
constexpr Normalization kNormalization{.mean = {127.5F, 127.5F, 127.5F}, .scale = 1 / 127.5F};

bool halves(int pair) {
  return pair == 2 || pair == 4 || pair == 6 || pair == 12;
}

/// The depthwise filter with its batch norm folded in.
Layer depthwise(const TfjsModel& model, const std::string& prefix, std::int64_t stride,
                std::int64_t size) {
  constexpr double kEpsilon = 0.001;
  const auto norm = [&](const char* name) { return model.tensor(prefix + "/BatchNorm/" + name); };
  const auto scale = norm("gamma") / at::sqrt(norm("moving_variance") + kEpsilon);
  return make_layer(model.tensor(prefix + "/depthwise_weights") * scale.unsqueeze(1),
                    norm("beta") - norm("moving_mean") * scale,
                    {.stride = stride, .depthwise = true, .relu = true, .size = size});
}

Layer convolution(const TfjsModel& model, const std::string& prefix, std::int64_t stride,
                  std::int64_t size) {
  return make_layer(model.tensor(prefix + "/weights"),
                    model.tensor(prefix + "/convolution_bn_offset"),
                    {.stride = stride, .relu = true, .size = size});
}

at::Tensor relu6(const Layer& layer, const at::Tensor& x) {
  return layer->forward(x).clamp_max_(6);
}

/// [1, places · C, H, W] → [H · W · places, C]: what is said about each prior, in their order.
at::Tensor per_prior(const at::Tensor& map, std::int64_t values) {
  return map.permute({0, 2, 3, 1}).reshape({-1, values});
}

/// The prior, moved and scaled, in pixels of a picture whose longer side is `side`.
Box decoded(const float* prior, const float* offset, float side, const Image& image) {
  std::array<float, 2> low;
  std::array<float, 2> high;
  for (int axis = 0; axis < 2; ++axis) {  // y, x
    const float size = prior[axis + 2] - prior[axis];
    const float center = prior[axis] + size / 2 + offset[axis] / kCenterVariance * size;
    const float half = std::exp(offset[axis + 2] / kSizeVariance) * size / 2;
    const auto limit = static_cast<float>(axis == 0 ? image.height() : image.width());
    low[axis] = std::clamp((center - half) * side, 0.0F, limit);
    high[axis] = std::clamp((center + half) * side, 0.0F, limit);
  }
  return {low[1], low[0], high[1] - low[1], high[0] - low[0]};
}

}  // namespace

SsdMobileNet::SsdMobileNet(const std::filesystem::path& folder) {
  const TfjsModel model(folder, "ssd_mobilenetv1_model");
  std::int64_t size = kSize;
  body_.push_back(convolution(model, "MobilenetV1/Conv2d_0_pointwise", 2, size));
  size /= 2;
  for (int pair = 1; pair <= kPairs; ++pair) {
    const std::string prefix = "MobilenetV1/Conv2d_" + std::to_string(pair);
    const int stride = halves(pair) ? 2 : 1;
    body_.push_back(depthwise(model, prefix + "_depthwise", stride, size));
    size /= stride;
    body_.push_back(convolution(model, prefix + "_pointwise", 1, size));
  }
  for (int i = 0; i < kExtensions; ++i) {
    const int stride = 1 + i % 2;
    extension_.push_back(
        convolution(model, "Prediction/Conv2d_" + std::to_string(i) + "_pointwise", stride, size));
    size /= stride;
  }
  size = kSize / 16;
  for (int i = 0; i < kPredictors; ++i, size /= 2) {
    const std::string prefix = "Prediction/BoxPredictor_" + std::to_string(i);
    const auto predictor = [&](const std::string& name) {
      return make_layer(model.tensor(prefix + name + "/weights"),
                        model.tensor(prefix + name + "/biases"), {.size = size});
    };
    predictors_.push_back({predictor("/BoxEncodingPredictor"), predictor("/ClassPredictor")});
  }
  priors_ = model.tensor("Output/extra_dim")[0].contiguous();
}

std::vector<at::Tensor> SsdMobileNet::feature_maps(const at::Tensor& x) const {
  std::vector<at::Tensor> maps;
  at::Tensor y = x;
  for (std::size_t i = 0; i < body_.size(); ++i) {
    y = relu6(body_[i], y);
    if (i == kFineMap) maps.push_back(y);
  }
  maps.push_back(y);
  for (std::size_t i = 0; i < extension_.size(); ++i) {
    y = relu6(extension_[i], y);
    if (i % 2 == 1) maps.push_back(y);
  }
  return maps;
}

std::vector<DetectedBox> SsdMobileNet::detect(const Image& image, float min_score) const {
  const torch::NoGradGuard no_gradients;
  const auto maps = feature_maps(to_tensor(letterbox(image, kSize), kNormalization));
  std::vector<at::Tensor> offsets;
  std::vector<at::Tensor> classes;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    offsets.push_back(per_prior(predictors_[i].offsets->forward(maps[i]), 4));
    classes.push_back(per_prior(predictors_[i].classes->forward(maps[i]), kClasses));
  }
  const auto offset = at::cat(offsets).contiguous();
  const auto score = at::sigmoid(at::cat(classes).select(1, 1)).contiguous();
  LIKENESS_CHECK(offset.size(0) == priors_.size(0));

  const auto side = static_cast<float>(std::max(image.width(), image.height()));
  std::vector<DetectedBox> boxes;
  for (std::int64_t i = 0; i < priors_.size(0); ++i) {
    const float probability = score.data_ptr<float>()[i];
    if (!(probability > min_score)) continue;
    boxes.push_back(
        {decoded(priors_.data_ptr<float>() + 4 * i, offset.data_ptr<float>() + 4 * i, side, image),
         probability});
  }
  return suppress_overlaps(std::move(boxes), kMostOverlap, Overlap::over_union);
}

}  // namespace likeness::bench
