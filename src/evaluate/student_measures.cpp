#include <string>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/evaluate/student_measures.h>

namespace likeness {
namespace {

double mean_square(const at::Tensor& x) {
  return x.square().mean().item<double>();
}

StudentLayer layer(const at::Tensor& picture, const at::Tensor& aim,
                   const at::Tensor& students_picture, const at::Tensor& students_aim) {
  const at::Tensor of_aim = students_aim - aim;
  const at::Tensor of_picture = students_picture - picture;
  return {.left = mean_square(picture - aim),
          .left_for_student = mean_square(students_picture - students_aim),
          .error_of_aim = mean_square(of_aim),
          .error_of_picture = mean_square(of_picture),
          .error_of_difference = mean_square(of_picture - of_aim)};
}

void check_channels(const at::Tensor& judges, const at::Tensor& students, net::Tap tap) {
  if (judges.size(0) != students.size(0))
    throw Error(ErrorCode::invalid_argument,
                "the student leads to " + std::to_string(students.size(0)) + " channels at " +
                    std::string(net::to_string(tap)) + ", the network that judges has " +
                    std::to_string(judges.size(0)) + ": it is not this student's teacher");
}

}  // namespace

StudentMeasures measure_student(const JudgedPainting& of_judge, const JudgedPainting& of_student) {
  StudentMeasures result;
  for (std::size_t i = 0; i < kJudgedTaps.size(); ++i) {
    check_channels(of_judge.style.moments[i].mean, of_student.style.moments[i].mean,
                   kJudgedTaps[i]);
    result.style_layers[i] =
        layer(of_judge.picture.moments[i].second, of_judge.style.moments[i].second,
              of_student.picture.moments[i].second, of_student.style.moments[i].second);
  }
  if (of_judge.picture.content.sizes() != of_judge.content.content.sizes())
    throw Error(ErrorCode::invalid_argument, "painting and content must have one size");
  result.content = layer(of_judge.picture.content, of_judge.content.content,
                         of_student.picture.content, of_student.content.content);
  return result;
}

}  // namespace likeness
