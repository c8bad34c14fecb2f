#include "train/head_turn.h"

#include <cmath>

#include <gtest/gtest.h>
#include <likeness/image/image.h>
#include <likeness/train/aligned_faces.h>
#include <opencv2/imgproc.hpp>

namespace likeness {
namespace {

/// A face that is symmetrical about the middle of its 101 pixels.
AlignmentTemplate symmetrical() {
  return {.size = 101, .points = {{{34, 46}, {66, 46}, {50, 64}, {37, 83}, {63, 83}}}};
}

/// Black with a white upright line.
cv::Mat line(int x) {
  cv::Mat picture = cv::Mat::zeros(101, 101, CV_8UC3);
  picture.col(x).setTo(cv::Scalar(255, 255, 255));
  return picture;
}

/// Where the line is in a row.
double line_at(const cv::Mat& picture, int y) {
  double sum = 0;
  double weight = 0;
  for (int x = 0; x < picture.cols; ++x) {
    const double light = picture.at<cv::Vec3b>(y, x)[0];
    sum += light * x;
    weight += light;
  }
  return sum / weight;
}

TEST(HeadTurn, ByNothingLeavesThePictureAsItIs) {
  cv::Mat noise(101, 101, CV_8UC3);
  cv::theRNG().state = 1;
  cv::randu(noise, 0, 256);
  const cv::Mat turned = HeadTurn(symmetrical()).turned(noise, 0);
  EXPECT_LE(cv::norm(turned, noise, cv::NORM_INF), 1);
  const Similarity same = HeadTurn(symmetrical()).realignment(0);
  EXPECT_NEAR(same.a, 1, 1e-5);
  EXPECT_NEAR(same.tx, 0, 1e-3);
}

TEST(HeadTurn, MovesTheMiddleOfTheCylinderByRadiusTimesSine) {
  // The radius is 1.2 times the eyes' distance of 32; row 0 lies above the nose.
  const cv::Mat turned = HeadTurn(symmetrical()).turned(line(50), 20);
  EXPECT_NEAR(line_at(turned, 0), 50 + 1.2 * 32 * std::sin(20 * 3.14159265 / 180), 0.6);
}

TEST(HeadTurn, TheNoseStandsOutAndMovesFarther) {
  const cv::Mat turned = HeadTurn(symmetrical()).turned(line(50), 20);
  EXPECT_GT(line_at(turned, 64), line_at(turned, 0) + 2);
}

TEST(HeadTurn, ToTheLeftIsToTheRightInTheMirror) {
  cv::Mat noise(101, 101, CV_8UC3);
  cv::theRNG().state = 2;
  cv::randu(noise, 0, 256);
  cv::Mat mirrored;
  cv::flip(noise, mirrored, 1);
  const HeadTurn head(symmetrical());
  cv::Mat expected;
  cv::flip(head.turned(noise, 35), expected, 1);
  EXPECT_LE(cv::norm(head.turned(mirrored, -35), expected, cv::NORM_INF), 1);
}

TEST(HeadTurn, HidesTheFarCheekAndShowsTheNearOneWider) {
  const HeadTurn head(symmetrical());
  // A line on the far cheek, 30 px right of the axis, is beyond the limb when the head turns by 45°
  // to the right; one on the near cheek moves towards the middle.
  EXPECT_EQ(cv::sum(head.turned(line(82), 45).row(0))[0], 0);
  EXPECT_GT(line_at(head.turned(line(30), 45), 0), 40);
}

TEST(HeadTurn, RealignmentBringsTheFaceBackToTheMiddleAndMakesItLarger) {
  const HeadTurn head(symmetrical());
  const Similarity back = head.realignment(45);
  const Point nose = back.apply({static_cast<float>(line_at(head.turned(line(50), 45), 64)), 64});
  EXPECT_LT(std::abs(nose.x - 50), 16);
  EXPECT_GT(back.a, 1);
  EXPECT_NEAR(head.realignment(-45).a, back.a, 1e-5);
}

}  // namespace
}  // namespace likeness
