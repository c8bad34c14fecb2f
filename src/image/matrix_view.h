#pragma once

/// OpenCV's view of an Image: no copy, valid as long as the Image is neither changed in size nor
/// destroyed. Channel order stays RGB(A).

#include <likeness/image/image.h>
#include <opencv2/core.hpp>

namespace likeness {

inline cv::Mat matrix_view(Image& image) {
  return {image.height(), image.width(), CV_8UC(image.channels()), image.pixels().data()};
}

/// For reading only: OpenCV has no view that forbids writing.
inline cv::Mat matrix_view(const Image& image) {
  return matrix_view(const_cast<Image&>(image));
}

}  // namespace likeness
