#include "style/colour_map.h"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>

namespace likeness {
namespace {

/// In steps² of 255: directions that vary less count as if they varied so much.
constexpr double kSmallestVariance = 1;

/// V·diag(f(λ))·Vᵀ of a symmetric matrix V·diag(λ)·Vᵀ.
template <class Function>
cv::Matx33d of_eigenvalues(const cv::Matx33d& matrix, const Function& f) {
  cv::Vec3d values;
  cv::Matx33d vectors;  // in rows
  cv::eigen(matrix, values, vectors);
  cv::Matx33d scaled = vectors;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) scaled(i, j) *= f(values[i]);
  return vectors.t() * scaled;
}

template <class Visit>
void visit_opaque(const Image& image, const Visit& visit) {
  const auto samples = image.pixels();
  const int channels = image.channels();
  for (std::size_t i = 0; i < samples.size(); i += channels)
    if (channels == 3 || samples[i + 3] != 0)
      visit(cv::Vec3d(samples[i], samples[i + 1], samples[i + 2]));
}

}  // namespace

ColourStatistics colour_statistics(const Image& image) {
  ColourStatistics result;
  cv::Vec3d sum = {};
  visit_opaque(image, [&](const cv::Vec3d& colour) {
    sum += colour;
    ++result.pixels;
  });
  if (result.pixels == 0) return result;
  const double share = 1 / static_cast<double>(result.pixels);
  result.mean = sum * share;
  visit_opaque(image, [&](const cv::Vec3d& colour) {
    const cv::Vec3d deviation = colour - result.mean;
    result.covariance += deviation * deviation.t();
  });
  result.covariance *= share;
  return result;
}

ColourMap colour_map(const ColourStatistics& style, const ColourStatistics& content) {
  const cv::Matx33d spread = of_eigenvalues(
      content.covariance, [](double variance) { return std::sqrt(std::max(variance, 0.0)); });
  const cv::Matx33d whitening = of_eigenvalues(style.covariance, [](double variance) {
    return 1 / std::sqrt(std::max(variance, kSmallestVariance));
  });
  const cv::Matx33d matrix = spread * whitening;
  return {.matrix = matrix, .offset = content.mean - matrix * style.mean};
}

}  // namespace likeness
