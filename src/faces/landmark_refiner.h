#pragma once

#include <optional>
#include <span>
#include <vector>

#include <c10/core/Device.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/landmark68.h>

namespace likeness {

/// The landmarks of faces, made more exact by a network that sees 68 points of each: its five are
/// averaged with those that the detector found, as two networks err apart. Face::mean_face is
/// dlib's mean face on 33 of the points (nose, eyes and mouth, as dlib's face chips are cut). Safe
/// to call from many threads.
class LandmarkRefiner {
 public:
  LandmarkRefiner(const TensorMap& weights, c10::Device device);

  /// Faces whose landmarks the two networks see in quite different places stay as they are.
  void refine(const Image& image, std::span<Face> faces) const;

  /// Face::mean_face for a face with these landmarks; nothing where refine() would leave it.
  std::optional<Landmarks> mean_face(const Image& image, const Landmarks& landmarks) const;

 private:
  c10::Device device_;
  // forward() of a module is not const; evaluation changes nothing in it.
  mutable net::Landmark68 network_;
};

}  // namespace likeness
