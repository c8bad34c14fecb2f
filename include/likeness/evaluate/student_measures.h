#pragma once

/// What a slim network gets wrong about a painting that was made with it, layer by layer, under the
/// network that it stands for. What misleads the one who paints is not that a student is wrong
/// about a picture, but that it is wrong about the painting in another way than about what the
/// painting aims at: what both errors share cancels out. Exact, in float32; pure functions, safe to
/// call from many threads.
///
///     const StudentMeasures measures = measure_student(
///         {.picture = of_judge(ours), .content = of_judge(photo), .style = of_judge(painting)},
///         {.picture = of_student(ours), .content = of_student(photo), .style = …});

#include <array>

#include <likeness/evaluate/style_measures.h>

namespace likeness {

/// What one network sees: the painting, and what it aims at (judge_picture).
struct JudgedPainting {
  JudgedPicture picture;
  JudgedPicture content;
  JudgedPicture style;
};

/// Means of squares over activations or over the entries of Gram matrices, in the judge's space.
struct StudentLayer {
  double left = 0;                 ///< between painting and aim, as the judge sees it
  double left_for_student = 0;     ///< the same as the student sees it, lifted
  double error_of_aim = 0;         ///< between student and judge, about what is aimed at
  double error_of_picture = 0;     ///< between student and judge, about the painting
  double error_of_difference = 0;  ///< between student and judge, about painting minus aim
};

struct StudentMeasures {
  std::array<StudentLayer, kJudgedTaps.size()> style_layers = {};  ///< of Gram matrices
  StudentLayer content;                                            ///< of activations at relu4_1
};

/// Throws Error(invalid_argument) unless picture and content have one size, and when the student's
/// lifts do not lead to the judge's channels.
StudentMeasures measure_student(const JudgedPainting& of_judge, const JudgedPainting& of_student);

}  // namespace likeness
