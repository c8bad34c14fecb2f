#pragma once

/// The linear map between the colours of two pictures.

#include <cstdint>

#include <likeness/image/image.h>
#include <opencv2/core/matx.hpp>

namespace likeness {

/// Of the pixels with alpha above 0, in samples 0…255.
struct ColourStatistics {
  std::int64_t pixels = 0;
  cv::Vec3d mean = {};
  cv::Matx33d covariance = {};  ///< population covariance
};

ColourStatistics colour_statistics(const Image& image);

struct ColourMap {
  cv::Matx33d matrix;
  cv::Vec3d offset;

  cv::Vec3d operator()(const cv::Vec3d& colour) const { return matrix * colour + offset; }
};

/// x → A·x + b from the colours of `style` to those of `content` (see match_colours).
ColourMap colour_map(const ColourStatistics& style, const ColourStatistics& content);

}  // namespace likeness
