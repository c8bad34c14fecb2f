#pragma once

/// The styles that a painter learns from: crops of many pictures, or a few pictures as they are.
/// Their statistics are computed once and kept.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>
#include <likeness/style/views.h>
#include <likeness/train/painter_training.h>

#include "train/painter_losses.h"

namespace likeness {

struct StyleBatch {
  at::Tensor pictures;  ///< [N, 3, S, S]; undefined for a few pictures, which have codes instead
  at::Tensor numbers;   ///< [N] int64: which of the few pictures
  std::vector<PictureStatistics> statistics;  ///< of each as it is seen
  std::vector<View> views;  ///< [N] that the network sees the style, the content and the picture in
};

class PainterStyles {
 public:
  virtual ~PainterStyles() = default;
  /// `count` styles, by chance.
  virtual StyleBatch choose(std::int64_t count, Random& random) = 0;
};

/// Crops with all the variety of colours that training pictures get. Crop number i is always the
/// same, so that nothing but the seed has to be kept to go on.
class StyleCrops : public PainterStyles {
 public:
  /// Keeps references. `photos` may be `paintings`.
  StyleCrops(const PainterTrainingOptions& options, const PaintingJudge& judge,
             std::span<const Image> paintings, std::span<const Image> photos);
  StyleBatch choose(std::int64_t count, Random& random) override;

 private:
  at::Tensor crop(std::uint64_t number) const;

  const PainterTrainingOptions& options_;
  const PaintingJudge& judge_;
  std::span<const Image> paintings_;
  std::span<const Image> photos_;
  std::unordered_map<std::uint64_t, PictureStatistics> known_;
};

/// The few pictures that a painter is made for.
class FixedStyles : public PainterStyles {
 public:
  FixedStyles(const PainterTrainingOptions& options, const PaintingJudge& judge,
              std::span<const Image> pictures);
  StyleBatch choose(std::int64_t count, Random& random) override;
  /// [1, 3, H, W], sides multiples of 8.
  const std::vector<at::Tensor>& pictures() const { return pictures_; }

 private:
  std::vector<at::Tensor> pictures_;
  std::vector<PictureStatistics> statistics_;  ///< of each picture in each view
};

/// A square of 0.85 to 1.15 times `size` (or what fits) at a random place, scaled to `size`, half
/// of the time mirrored: [1, 3, size, size]. Painters see pictures about as sharp as they are.
at::Tensor painter_crop(const Image& picture, std::int64_t size, Random& random);

}  // namespace likeness
