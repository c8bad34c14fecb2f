#pragma once

/// What every kind of gallery is tested with (gallery_contract_test.cpp).

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <likeness/gallery/gallery.h>

namespace likeness {

/// A kind of gallery: makes an empty one, or nothing where it cannot be had on this machine.
struct GalleryKind {
  std::string name;
  std::function<std::unique_ptr<Gallery>(const GalleryModel&)> make;
};

inline void PrintTo(const GalleryKind& kind, std::ostream* out) {
  *out << kind.name;
}

inline const GalleryModel kTinyModel = {"tiny", std::string(64, 'a'), 4};
inline const GalleryModel kNextModel = {"next", std::string(64, 'b'), 3};

/// 64 hexadecimal digits that stand for picture `number`.
inline std::string digest_of(int number) {
  const std::string digits = std::to_string(number);
  return std::string(64 - digits.size(), '0') + digits;
}

/// An example of picture `number`.
inline NewExample example_of(int number, const Encoding& encoding, const Bytes& crop = {}) {
  return {encoding, std::to_string(number) + ".jpg", digest_of(number), 0, 0.5, crop};
}

inline const Encoding kEast = {1, 0, 0, 0};
inline const Encoding kNorth = {0, 1, 0, 0};
inline const Encoding kNorthEast = {0.6F, 0.8F, 0, 0};
inline const Encoding kWest = {-1, 0, 0, 0};

}  // namespace likeness
