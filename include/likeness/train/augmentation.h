#pragma once

/// Other photos of the same face, made from an aligned crop: what a camera, a pose or a compression
/// might have changed. Every kind can be switched off, which leaves what the others do as it was.
/// Safe to call from many threads.
///
///     const Augmentation augmentation({.cutout = {.probability = 0}}, 112);
///     at::Tensor batch = augmentation.batch(faces.pixels, rows, seed, threads);  // uint8

#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/image.h>

namespace likeness {

/// The kinds in the order in which they are applied. Each happens with its `probability` (0
/// switches it off), drawn for each crop alone; draws within a range are uniform.
struct AugmentationOptions {
  /// Left and right exchanged.
  struct Flip {
    double probability = 0.5;
  } flip;
  /// Turned by up to ± `degrees`, larger or smaller by a factor of up to 1 + `scale`, moved by up
  /// to `shift` of the crop's size along each axis.
  struct Affine {
    double probability = 0.8;
    double degrees = 10;
    double scale = 0.1;
    double shift = 0.04;
  } affine;
  /// The head turned to the left or right by up to `degrees`, and aligned again: the picture laid
  /// on a rough head, so that the far cheek shrinks and the nose covers it, as on photos from the
  /// side.
  struct Pose {
    double probability = 0.3;
    double degrees = 40;
  } pose;
  /// Brightness up to ± `brightness` of the full range; contrast, saturation and the tint of each
  /// channel by factors of 1 ± value; grey instead of colour with a probability of its own.
  struct Colour {
    double probability = 0.8;
    double brightness = 0.15;
    double contrast = 0.25;
    double saturation = 0.3;
    double tint = 0.05;
    double grey_probability = 0.05;
  } colour;
  /// A rectangle with sides of `smallest` to `largest` of the crop's size, in one colour or noise
  /// (cutout, DeVries 2017; random erasing, Zhong 2017): sunglasses, hands, scarves.
  struct Cutout {
    double probability = 0.2;
    double smallest = 0.1;
    double largest = 0.4;
  } cutout;
  /// Either a Gaussian of up to `sigma` pixels, or a loss of resolution: up to `shrink` times
  /// smaller and large again.
  struct Blur {
    double probability = 0.2;
    double sigma = 1.5;
    double shrink = 3;
  } blur;
  /// Coded as a JPEG with a quality between the two, and decoded.
  struct Jpeg {
    double probability = 0.2;
    int lowest_quality = 30;
    int highest_quality = 90;
  } jpeg;

  /// All kinds switched off: the middle of the crop as it is.
  static AugmentationOptions none();
};

class Augmentation {
 public:
  /// Crops come out as `target` has them: its size, and the landmarks there when nothing moves
  /// them. Throws Error(invalid_argument) with the option for a probability outside [0, 1] or a
  /// range that makes no sense. Requires target.size > 0.
  Augmentation(const AugmentationOptions& options, const AlignmentTemplate& target);
  /// For faces on the template of ArcFace, at `size` × `size` pixels.
  Augmentation(const AugmentationOptions& options, int size);

  int size() const { return target_.size; }

  /// One crop, RGB. `image` is a square RGB picture of at least size() pixels a side; its middle is
  /// what comes out when nothing happens, the margin is what a shift or rotation brings in (beyond
  /// it, edge pixels go on). The result depends on the picture and one number of `random` alone.
  Image apply(const Image& image, Random& random) const;

  /// uint8 [B, size, size, 3]: the crops of `pixels` (uint8 [R, S, S, 3], contiguous, CPU, S ≥
  /// size) that `rows` names, in order, on up to `threads` threads. Crop i is drawn from `seed` and
  /// i + first alone, whatever the threads. Requires rows in range and threads ≥ 1.
  at::Tensor batch(const at::Tensor& pixels, std::span<const std::int64_t> rows, std::uint64_t seed,
                   int threads, std::int64_t first = 0) const;

 private:
  AugmentationOptions options_;
  AlignmentTemplate target_;
};

}  // namespace likeness
