#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/image/codec.h>
#include <likeness/style/mask.h>
#include <opencv2/imgproc.hpp>

namespace likeness {
namespace {

/// 0…1: luminance (Rec. 601) times alpha.
float inside(const std::uint8_t* pixel, int channels) {
  const float alpha = channels == 4 ? static_cast<float>(pixel[3]) / 255 : 1;
  return alpha * (0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2]) / 255;
}

cv::Mat grey(const Image& mask) {
  cv::Mat result(mask.height(), mask.width(), CV_32F);
  for (int y = 0; y < mask.height(); ++y) {
    const std::uint8_t* pixel = mask.row(y);
    for (int x = 0; x < mask.width(); ++x, pixel += mask.channels())
      result.at<float>(y, x) = inside(pixel, mask.channels());
  }
  return result;
}

}  // namespace

void check_mask(const Image& mask, const std::string& name) {
  const auto samples = mask.pixels();
  for (std::size_t i = 0; i < samples.size(); i += mask.channels())
    if (inside(&samples[i], mask.channels()) > 0) return;
  throw Error(ErrorCode::invalid_argument,
              name + ": the mask is black everywhere; paint white what is inside");
}

Image read_mask(const std::filesystem::path& path) {
  Image mask = read_image(path);
  check_mask(mask, path.string());
  return mask;
}

bool has_aspect_of(const Image& mask, const Image& picture) {
  // The other side that the mask would have at the picture's longer side.
  const double width = mask.width();
  const double height = mask.height();
  const double scale = std::min(picture.width() / width, picture.height() / height);
  // A mask is whole pixels too, and each of them is 1/scale as large.
  const double rounding = 0.5 + 0.5 * scale;
  return std::abs(width * scale - picture.width()) <= rounding &&
         std::abs(height * scale - picture.height()) <= rounding;
}

at::Tensor mask_weights(const Image& mask, int height, int width) {
  LIKENESS_CHECK(!mask.empty() && height > 0 && width > 0);
  at::Tensor weights = at::empty({height, width}, at::kFloat);
  cv::Mat result(height, width, CV_32F, weights.data_ptr<float>());
  // First the sides that get smaller, then those that get larger.
  cv::Mat smaller;
  cv::resize(grey(mask), smaller, {std::min(width, mask.width()), std::min(height, mask.height())},
             0, 0, cv::INTER_AREA);
  cv::resize(smaller, result, result.size(), 0, 0, cv::INTER_LINEAR);
  return weights;
}

}  // namespace likeness
