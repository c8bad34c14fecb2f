#pragma once

/// A data set of drawn "people" for tests of the trainer: crops of 40 × 40 pixels as align_faces
/// would have made them, each person in a colour and a stripe of their own, with noise.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <likeness/core/random.h>
#include <likeness/train/training_faces.h>

namespace likeness {

inline constexpr int kDrawnCrop = 40;
inline constexpr int kDrawnInput = 32;

inline std::uint8_t noisy(int value, Random& random) {
  const int sum = value + static_cast<int>(random.below(41)) - 20;
  return static_cast<std::uint8_t>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/// The picture of person `number`: three colour channels in different waves, and noise.
inline void draw_person(at::Tensor crop, std::int64_t number, Random& random) {
  auto* pixel = crop.data_ptr<std::uint8_t>();
  for (int y = 0; y < kDrawnCrop; ++y)
    for (int x = 0; x < kDrawnCrop; ++x)
      for (int channel = 0; channel < 3; ++channel) {
        const auto wave = static_cast<int>((number * (channel + 2) + 1) * (channel == 1 ? x : y));
        *pixel++ =
            noisy(40 + static_cast<int>(number * 67 * (channel + 1)) % 128 + wave % 64, random);
      }
}

/// `people` with `pictures` each; picture paths are "person3/1.png". Another `first` is other
/// people, another `seed` other noise.
inline AlignedFaces drawn_people(std::int64_t people, std::int64_t pictures, std::int64_t first = 0,
                                 std::uint64_t seed = 1) {
  Random random(seed);
  AlignedFaces faces;
  faces.pixels = at::zeros({people * pictures, kDrawnCrop, kDrawnCrop, 3}, at::kByte);
  for (std::int64_t person = 0; person < people; ++person) {
    faces.identities.push_back("person" + std::to_string(first + person));
    for (std::int64_t i = 0; i < pictures; ++i) {
      const std::int64_t row = person * pictures + i;
      draw_person(faces.pixels[row], first + person, random);
      faces.rows.push_back(row);
      faces.labels.push_back(person);
      faces.pictures.push_back(faces.identities.back() + "/" + std::to_string(i) + ".png");
    }
  }
  return faces;
}

/// The same as a trainer takes them, augmented.
inline std::unique_ptr<TrainingFaces> drawn_faces(std::int64_t people, std::int64_t pictures,
                                                  std::int64_t first = 0) {
  return training_crops(drawn_people(people, pictures, first), {}, kDrawnInput);
}

}  // namespace likeness
