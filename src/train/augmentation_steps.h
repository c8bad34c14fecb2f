#pragma once

/// The single steps of augmentation.h on OpenCV's matrices (8-bit RGB). Each happens or not, as its
/// generator says.

#include <likeness/core/random.h>
#include <likeness/train/augmentation.h>
#include <opencv2/core.hpp>

namespace likeness {

/// Uniform in [low, high).
double between(double low, double high, Random& random);
/// True with the given probability; draws one number in any case.
bool happens(double probability, Random& random);

/// Generators of the three geometric kinds, which make one warp together.
struct GeometryRandom {
  Random flip;
  Random affine;
  Random pose;
};

/// Samples `crop`, of the size of `target`, from the middle of `source`, a square at least as
/// large.
void change_geometry(const cv::Mat& source, cv::Mat& crop, const AlignmentTemplate& target,
                     const AugmentationOptions& options, GeometryRandom random);
void change_colour(cv::Mat& crop, const AugmentationOptions::Colour& options, Random random);
void cut_out(cv::Mat& crop, const AugmentationOptions::Cutout& options, Random random);
void blur(cv::Mat& crop, const AugmentationOptions::Blur& options, Random random);
void compress(cv::Mat& crop, const AugmentationOptions::Jpeg& options, Random random);

}  // namespace likeness
