#pragma once

/// Faces for the tests: parts of the demonstration's photos, which tools/photos.sh fetches. The
/// names are made up.

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include <likeness/image/codec.h>
#include <likeness/image/draw.h>
#include <likeness/image/image.h>
#include <likeness/image/transform.h>

#include "support/real_data.h"

namespace likeness {

/// A part of a photo with one face, about half as wide as the part.
struct Portrait {
  int sample;  ///< of demo/photos/sampleN.jpg
  int x, y;
  int width = 400, height = 500;
};

/// One woman in two photos.
inline constexpr Portrait kAnnaOnce{1, 1381, 70};
inline constexpr Portrait kAnnaAgain{3, 968, 100};
/// Another one, in two more.
inline constexpr Portrait kCarlaOnce{1, 730, 290};
inline constexpr Portrait kCarlaAgain{4, 151, 80};
/// And two of whom there is one photo.
inline constexpr Portrait kBerta{6, 158, 380};
inline constexpr Portrait kDora{1, 305, 225};

/// Twelve faces of ten women: Anna and Carla appear twice.
inline constexpr std::array<Portrait, 12> kTwelveFaces = {{kAnnaOnce,
                                                           kCarlaOnce,
                                                           kDora,
                                                           kAnnaAgain,
                                                           {3, 490, 210},
                                                           {3, 1400, 180},
                                                           kCarlaAgain,
                                                           {4, 536, 0},
                                                           {6, 1385, 150},
                                                           {6, 550, 230},
                                                           kBerta,
                                                           {6, 1069, 200}}};

/// Path of demo/photos/sampleN.jpg.
inline std::string sample_photo(int number) {
  return (photo_folder() / ("sample" + std::to_string(number) + ".jpg")).string();
}

/// "" when the photos are there, else what to do.
inline std::string missing_photos() {
  for (int number = 1; number <= 6; ++number)
    if (std::string why = missing_path(sample_photo(number), "run tools/photos.sh"); !why.empty())
      return why;
  return {};
}

inline Image cut_out(const Portrait& portrait) {
  return crop(read_image(sample_photo(portrait.sample)), portrait.x, portrait.y, portrait.width,
              portrait.height);
}

/// The portraits side by side in rows of `columns`, each scaled to width × height.
inline Image side_by_side(std::span<const Portrait> portraits, int columns, int width, int height) {
  const int count = static_cast<int>(portraits.size());
  Image group(columns * width, (count + columns - 1) / columns * height);
  for (int i = 0; i < count; ++i)
    paste(group, resize(cut_out(portraits[i]), width, height), i % columns * width,
          i / columns * height);
  return group;
}

}  // namespace likeness
