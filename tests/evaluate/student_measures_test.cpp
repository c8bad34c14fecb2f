#include <cstddef>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <likeness/evaluate/student_measures.h>
#include <likeness/image/transform.h>

#include "style/tiny_network.h"
#include "support/drawn_picture.h"
#include "support/error_code.h"

namespace likeness {
namespace {

class StudentMeasuresTest : public ::testing::Test {
 protected:
  JudgedPainting seen_by(const PerceptualNetwork& network, const Image& picture) const {
    return {.picture = judge_picture(network, picture),
            .content = judge_picture(network, photo_),
            .style = judge_picture(network, painting_)};
  }

  /// The student's lifts lead to twice its channels, which are the teacher's.
  PerceptualNetwork teacher_ =
      make_perceptual_network(tiny_weights({8, 12, 16, 20}), "teacher", at::kCPU, {});
  PerceptualNetwork student_ = tiny_network(true);
  Image photo_ = drawn_picture(48, 32);
  Image painting_ = mirror(crop(drawn_picture(90, 80), 40, 45, 48, 32));
  Image ours_ = crop(drawn_picture(70, 60), 10, 20, 48, 32);
};

TEST_F(StudentMeasuresTest, OfTheTeacherItselfAreItsCostsWithoutError) {
  const JudgedPainting seen = seen_by(teacher_, ours_);
  const StudentMeasures got = measure_student(seen, seen);
  const StyleMeasures costs = measure_style(seen.picture, seen.content, seen.style);
  EXPECT_NEAR(got.content.left, costs.content, 1e-5 * costs.content);
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i) {
    const StudentLayer& layer = got.style_layers[i];
    EXPECT_NEAR(layer.left, costs.style_layers[i], 1e-5 * layer.left);
    EXPECT_EQ(layer.left_for_student, layer.left);
    EXPECT_EQ(layer.error_of_aim, 0);
    EXPECT_EQ(layer.error_of_picture, 0);
    EXPECT_EQ(layer.error_of_difference, 0);
  }
}

TEST_F(StudentMeasuresTest, AreTheErrorsOfGramMatricesInTheTeachersSpace) {
  const JudgedPainting of_teacher = seen_by(teacher_, ours_);
  const JudgedPainting of_student = seen_by(student_, ours_);
  const StudentMeasures got = measure_student(of_teacher, of_student);
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i) {
    const at::Tensor aim = of_student.style.moments[i].second - of_teacher.style.moments[i].second;
    const at::Tensor picture =
        of_student.picture.moments[i].second - of_teacher.picture.moments[i].second;
    const StudentLayer& layer = got.style_layers[i];
    const auto mean = [](const at::Tensor& x) { return (x * x).mean().item<double>(); };
    EXPECT_NEAR(layer.error_of_aim, mean(aim), 1e-5 * layer.error_of_aim);
    EXPECT_NEAR(layer.error_of_picture, mean(picture), 1e-5 * layer.error_of_picture);
    // |p − a|² = |p|² + |a|² − 2·p·a
    const double shared = (picture * aim).mean().item<double>();
    EXPECT_NEAR(layer.error_of_difference, mean(picture) + mean(aim) - 2 * shared,
                1e-4 * (mean(picture) + mean(aim)));
  }
}

TEST_F(StudentMeasuresTest, ErrorsThatPaintingAndAimShareCancelOut) {
  const StudentMeasures got =
      measure_student(seen_by(teacher_, painting_), seen_by(student_, painting_));
  for (const StudentLayer& layer : got.style_layers) {
    EXPECT_GT(layer.error_of_aim, 0);
    EXPECT_EQ(layer.error_of_picture, layer.error_of_aim);
    EXPECT_EQ(layer.error_of_difference, 0);
  }
}

TEST_F(StudentMeasuresTest, NeedTheTeacherOfTheStudentAndOneSize) {
  const PerceptualNetwork stranger =
      make_perceptual_network(tiny_weights({8, 12, 16, 24}), "stranger", at::kCPU, {});
  EXPECT_EQ(code_of([&] { measure_student(seen_by(stranger, ours_), seen_by(student_, ours_)); }),
            ErrorCode::invalid_argument);
  const Image smaller = crop(ours_, 0, 0, 40, 32);
  EXPECT_EQ(
      code_of([&] { measure_student(seen_by(teacher_, smaller), seen_by(student_, smaller)); }),
      ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace likeness
