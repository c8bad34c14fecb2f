#pragma once

/// The 68-point landmark network of the npm package @vladmandic/face-api: a candidate for the
/// landmarks, measured by detector_bench. Safe to call from many threads.

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include <likeness/faces/face.h>
#include <likeness/image/image.h>

#include "tfjs_layers.h"

namespace likeness::bench {

class Landmark68 {
 public:
  /// Reads face_landmark_68_model from `folder`. Throws as TfjsModel does.
  explicit Landmark68(const std::filesystem::path& folder);

  /// The five landmarks of the face in `box`: eye centres are the means of six points each, the
  /// others single points. Nothing when no whole pixel of the box lies in the picture.
  std::optional<Landmarks> find(const Image& image, const Box& box) const;

 private:
  /// Each layer sees the sum of what all layers of the block said before.
  struct Block {
    Layer stem;  // only in the first block; the others start with `first`
    SeparableLayer first;
    std::array<SeparableLayer, 3> rest;
  };

  std::vector<Block> blocks_;
  at::Tensor weight_;  // [256, 136]
  at::Tensor bias_;    // [136]: x and y of each point as shares of the square
};

}  // namespace likeness::bench
