#pragma once

/// The 68-point landmark network on boxes of any detector, as its package @vladmandic/face-api runs
/// it: a candidate for the landmarks, measured by detector_bench. Safe to call from many threads.

#include <optional>

#include <likeness/faces/face.h>
#include <likeness/image/image.h>
#include <likeness/model/store.h>
#include <likeness/net/landmark68.h>

namespace likeness::bench {

class Landmark68 {
 public:
  /// Throws as ModelStore::load does.
  explicit Landmark68(const ModelStore& store);

  /// The five landmarks of the face in `box`: eye centres are the means of six points each, the
  /// others single points. Nothing when no whole pixel of the box lies in the picture.
  std::optional<Landmarks> find(const Image& image, const Box& box) const;

 private:
  mutable net::Landmark68 network_;  // forward() changes nothing in it
};

}  // namespace likeness::bench
