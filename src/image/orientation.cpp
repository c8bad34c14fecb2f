#include "image/orientation.h"

#include <likeness/core/error.h>

#include "image/matrix_view.h"

namespace likeness {

Image upright(Image image, int orientation) {
  LIKENESS_CHECK(orientation >= 1 && orientation <= 8);
  if (orientation == 1) return image;
  // EXIF names which edge of the stored picture the first row and the first column are. From 5 on
  // rows and columns are exchanged; what is left is a flip around y (1), x (0) or both (-1).
  static constexpr int kNone = 2;
  static constexpr int kFlip[] = {kNone, 1, -1, 0, kNone, 1, -1, 0};
  const int flip = kFlip[orientation - 1];
  const bool transposed = orientation >= 5;
  Image result = transposed ? Image(image.height(), image.width(), image.channels()) : Image();
  if (transposed)
    cv::transpose(matrix_view(image), matrix_view(result));
  else
    result = std::move(image);
  if (flip != kNone) cv::flip(matrix_view(result), matrix_view(result), flip);
  return result;
}

}  // namespace likeness
