#pragma once

/// What is learned from the development pictures (LFW View 1) before any test: the distances of all
/// their pairs, for calibration, and how two encoders are joined. Pure functions, safe to call from
/// many threads.
///
///     const ScoreSet distances = all_pair_distances(label_encodings(encoded, people));
///     const Calibration calibration =
///         fit_calibration("duo", distances.genuine, distances.impostor);

#include <cstdint>

#include <likeness/evaluate/labelled_encodings.h>
#include <likeness/evaluate/roc.h>

namespace likeness {

/// The most pairs that are compared at once (they take four bytes each).
inline constexpr std::int64_t kMostPairs = std::int64_t{1} << 28;

/// Squared distances of all pairs of pictures, in [0, 4]: genuine pairs of one person, impostor
/// pairs of two. The order depends on the pictures alone, so that the distances of two encoders
/// belong together place by place. Throws Error(too_large) beyond kMostPairs.
ScoreSet all_pair_distances(const LabelledEncodings& encodings);

/// The share w² of the first of two encoders a, b in their concatenation [w·a, √(1 − w²)·b], whose
/// squared distance is w²·d_a + (1 − w²)·d_b. It is the one for which a logistic unit on that
/// distance has the highest likelihood, classes balanced: the ratio of the two slopes of the unit
/// that is fitted to both distances at once.
/// Throws Error(invalid_argument) when a class is empty or neither distance tells people apart.
/// Requires the same pairs in both sets, in the same order.
double best_share(const ScoreSet& first, const ScoreSet& second);

/// The distances w²·d_a + (1 − w²)·d_b for a share w² in [0, 1]; requirements as for best_share.
ScoreSet joined_distances(const ScoreSet& first, const ScoreSet& second, double share);

}  // namespace likeness
