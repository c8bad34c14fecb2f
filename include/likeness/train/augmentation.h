#pragma once

/// Other photos of the same face, made from an aligned crop: what a camera, a pose or a compression
/// might have changed. Every kind can be switched off. Safe to call from many threads.
///
///     const Augmentation augmentation({.cutout = {.probability = 0}}, 112);
///     at::Tensor batch = augmentation.batch(faces.pixels, rows, seed, threads);  // uint8

#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/image/image.h>

namespace likeness {

/// Each kind happens with its `probability` (0 switches it off), drawn for each crop alone.
/// Ranges are symmetrical round "no change" unless said otherwise; draws are uniform.
struct AugmentationOptions {
  struct Flip {
    double probability = 0.5;
  } flip;
  /// Rotation in degrees, scale by a factor of 1 ± scale, shift as a share of the crop's size.
  struct Affine {
    double probability = 0.8;
    double degrees = 10;
    double scale = 0.1;
    double shift = 0.04;
  } affine;
  /// A head that is turned, roughly: narrowed by up to `squeeze` with its middle moved, and the far
  /// side made smaller by up to `perspective` (the two go together, to one side or the other).
  struct Pose {
    double probability = 0.3;
    double squeeze = 0.25;
    double perspective = 0.2;
  } pose;
  /// Brightness (share of the full range), contrast, saturation (factors of 1 ± value), a tint
  /// (each channel's factor 1 ± tint), and grey instead of colour with its own probability.
  struct Colour {
    double probability = 0.8;
    double brightness = 0.15;
    double contrast = 0.25;
    double saturation = 0.3;
    double tint = 0.05;
    double grey_probability = 0.05;
  } colour;
  /// Either a Gaussian of up to `sigma` pixels or a loss of resolution (made smaller by up to
  /// `shrink` times and large again).
  struct Blur {
    double probability = 0.2;
    double sigma = 1.5;
    double shrink = 3;
  } blur;
  /// Coded as a JPEG of a quality between the two, and decoded.
  struct Jpeg {
    double probability = 0.2;
    int lowest_quality = 30;
    int highest_quality = 90;
  } jpeg;
  /// A rectangle of random noise, with sides of `smallest` to `largest` of the crop's size
  /// (DeVries 2017): sunglasses, hands, scarves.
  struct Cutout {
    double probability = 0.2;
    double smallest = 0.1;
    double largest = 0.4;
  } cutout;

  /// All kinds switched off: the middle of the crop as it is.
  static AugmentationOptions none();
};

class Augmentation {
 public:
  /// Crops come out with `size` × `size` pixels.
  /// Throws Error(invalid_argument) for a probability outside [0, 1] or a range that cannot be.
  Augmentation(const AugmentationOptions& options, int size);

  int size() const { return size_; }

  /// One crop, RGB. `image` is a square of at least size() pixels a side; its middle is what comes
  /// out when nothing happens, the margin is what a shift or rotation brings in (beyond it, edge
  /// pixels go on). The result depends on the picture and the generator's state alone.
  Image apply(const Image& image, Random& random) const;

  /// uint8 [B, size, size, 3]: the crops of `pixels` (uint8 [R, S, S, 3], contiguous, CPU) that
  /// `rows` names, in order, on up to `threads` threads. Crop i is drawn with a generator of its
  /// own that depends on `seed` and i alone, not on the threads. Requires rows in range, threads
  /// ≥ 1.
  at::Tensor batch(const at::Tensor& pixels, std::span<const std::int64_t> rows, std::uint64_t seed,
                   int threads) const;

 private:
  void draw(const std::uint8_t* source, int source_size, std::uint8_t* target,
            Random& random) const;

  AugmentationOptions options_;
  int size_;
};

}  // namespace likeness
