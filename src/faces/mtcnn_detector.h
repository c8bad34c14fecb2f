#pragma once

#include <vector>

#include <c10/core/Device.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>
#include <likeness/model/safetensors.h>
#include <likeness/net/mtcnn.h>

namespace likeness {

/// The least scores with which a candidate passes the three networks.
struct MtcnnThresholds {
  float propose = 0.6F;
  float refine = 0.7F;
  float accept = 0.7F;
};

/// The cascade of MTCNN: proposals from a picture pyramid, refined twice. Safe to call from many
/// threads.
class MtcnnDetector {
 public:
  MtcnnDetector(const TensorMap& weights, c10::Device device);

  /// All faces of at least `min_face` pixels, the best score first.
  std::vector<Face> detect(const Image& image, int min_face,
                           const MtcnnThresholds& thresholds) const;

 private:
  struct Candidate {
    Box box;
    float score;
  };
  /// P-Net over the pyramid.
  std::vector<Candidate> propose(const Image& image, int min_face, float threshold) const;
  /// R-Net on each candidate.
  std::vector<Candidate> refine(const Image& image, const std::vector<Candidate>& candidates,
                                float threshold) const;
  /// O-Net on each candidate.
  std::vector<Face> locate(const Image& image, const std::vector<Candidate>& candidates,
                           float threshold) const;
  /// O-Net once more, on crops centred on the landmarks and on their mirror images: the error rates
  /// of verification fall (see docs/measurements.md).
  void improve_landmarks(const Image& image, std::vector<Face>& faces) const;

  c10::Device device_;
  // forward() of a module is not const; evaluation changes nothing in it.
  mutable net::PNet pnet_;
  mutable net::RNet rnet_;
  mutable net::ONet onet_;
};

}  // namespace likeness
