#pragma once

/// Crops of pictures as a perceptual network learns from them: RGB 0…1, float32 [N, 3, S, S],
/// channels-last. Pure functions of the generator.

#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>
#include <likeness/image/image.h>

namespace likeness {

/// A square with sides of `wanted` pixels (or what fits) at a random place of `picture`, scaled to
/// `size`, half of the time mirrored: [1, 3, size, size].
at::Tensor random_square(const Image& picture, double wanted, std::int64_t size, Random& random);

/// A square of 0.6 to 1.1 times `size` (or what fits) at a random place of `picture`, scaled to
/// `size`, half of the time mirrored: [1, 3, size, size].
at::Tensor random_crop(const Image& picture, std::int64_t size, Random& random);

/// What may happen to crops: contrast, brightness and gain of each colour; channels exchanged;
/// mixed with its neighbour; noise. All stay within 0…1.
at::Tensor jitter_colours(const at::Tensor& crop, Random& random);
at::Tensor exchange_channels(const at::Tensor& crop, Random& random);
at::Tensor mix_neighbours(const at::Tensor& crops, Random& random);
at::Tensor add_noise(const at::Tensor& crops, Random& random);

/// `count` crops of random pictures with everything above, each by its own chance.
at::Tensor training_crops(std::span<const Image> pictures, std::int64_t count, std::int64_t size,
                          Random& random);

}  // namespace likeness
