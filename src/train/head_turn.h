#pragma once

/// A face seen from the side, made from one seen from the front: the picture is laid on a rough
/// head (an upright cylinder with a nose), the head is turned about its vertical axis and looked at
/// again. What the turn hides is covered; what it would reveal was never photographed, and stays
/// away. Safe to call from many threads.

#include <likeness/faces/alignment.h>
#include <likeness/image/geometry.h>
#include <opencv2/core.hpp>

namespace likeness {

class HeadTurn {
 public:
  /// `target`: where the landmarks lie in the pictures, which are `target.size` pixels wide.
  explicit HeadTurn(const AlignmentTemplate& target);

  /// `source` (8-bit RGB, target.size × target.size) turned by `degrees`, −80 to 80; positive: the
  /// nose moves to the right.
  cv::Mat turned(const cv::Mat& source, double degrees) const;

  /// What alignment makes of the turned face: maps its landmarks back onto the template.
  Similarity realignment(double degrees) const;

 private:
  /// How far before the axis the picture's point lies.
  double depth(double x, double y) const;

  AlignmentTemplate target_;
  double axis_;         // its x
  double radius_;       // of the cylinder
  double nose_height_;  // before the cylinder
  double eye_distance_;
};

}  // namespace likeness
