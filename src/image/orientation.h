#pragma once

#include <likeness/image/image.h>

namespace likeness {

/// `image` as the viewer should see it: `orientation` is EXIF's, 1 (as stored) to 8.
Image upright(Image image, int orientation);

}  // namespace likeness
